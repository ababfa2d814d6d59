import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ContractPage, SignatureGiven } from '@/server/client/contracts';
import { serverAddress } from '../hooks/page/address';
import { ask } from '../hooks/session/session';

const keyOf = (token: string) => ['contract', token] as const;

export function useContract(token: string) {
  return useQuery({
    queryKey: keyOf(token),
    queryFn: () => ask<ContractPage>(`/api/client/contracts/${token}`),
    retry: 1,
  });
}

/** Signs the contract and reads it again, also after a failure. @throws (by the mutation) Failure with the server's code */
export function useSign(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (signed: SignatureGiven) =>
      ask<unknown>(`/api/client/contracts/${token}/sign`, { method: 'POST', body: JSON.stringify(signed) }),
    meta: { showsFailure: true },
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(token) }),
  });
}

export function addressOfSigned(token: string): string {
  return serverAddress(`/api/client/contracts/${token}/contract.pdf`);
}
