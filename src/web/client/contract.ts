import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { serverAddress } from '../hooks/address';
import { ask } from '../hooks/session';
import type { Signed } from './offer';

/** A contract that its client reads and signs: `GET /api/client/contracts/<token>`. */
export interface LinkedContract {
  status: string;
  company: { companyName: string; companyLines: string[]; primaryColor: string };
  number: string;
  title: string;
  bodyHtml: string;
  sha256: string;
  consentText: string;
  signerName: string | null;
}

const keyOf = (token: string) => ['contract', token] as const;

export function useContract(token: string) {
  return useQuery({
    queryKey: keyOf(token),
    queryFn: () => ask<LinkedContract>(`/api/client/contracts/${token}`),
    retry: 1,
  });
}

/** @throws (by the mutation) Failure with the server's code; the contract is read again after it, too */
export function useSign(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (signed: Signed & { sha256: string }) =>
      ask<unknown>(`/api/client/contracts/${token}/sign`, { method: 'POST', body: JSON.stringify(signed) }),
    meta: { showsFailure: true },
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(token) }),
  });
}

export function addressOfSigned(token: string): string {
  return serverAddress(`/api/client/contracts/${token}/contract.pdf`);
}
