import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { MessageDraft, MessagePreview, MessageRetry, NewMessage } from '@/server/api/mail/messages';
import type { ContractPreview, MadeContract, SendContract, SentContract } from '@/server/api/sales/contracts';
import { serverAddress } from '../../hooks/page/address';
import { useIdempotencyKey } from '../../hooks/page/idempotency-key';
import { ask } from '../../hooks/session/session';

const send = <Answer>(path: string, body: object, headers: Record<string, string> = {}) =>
  ask<Answer>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** Preview of a contract made from a template. @param templateId the tenant's default template if undefined */
export function useContractPreview(eventId: string, templateId: string | undefined) {
  return useQuery({
    queryKey: ['records', 'contract-preview', eventId, templateId],
    queryFn: () => send<ContractPreview>('/api/contracts/preview', { eventId, templateId }),
    placeholderData: keepPreviousData,
  });
}

export function useMakeContract(eventId: string) {
  const { headers, renew } = useIdempotencyKey();
  return useSending(
    (templateId: string | undefined) =>
      send<MadeContract>('/api/contracts', { eventId, templateId }, headers),
    renew,
  );
}

/** The response carries the client's link, which is shown only once. */
export function useSendContract(id: string) {
  const { headers, renew } = useIdempotencyKey();
  return useSending(
    (how: SendContract) => send<SentContract>(`/api/contracts/${id}/send`, how, headers),
    renew,
  );
}

/** URL of the PDF of a signed contract. */
export function addressOfSigned(id: string): string {
  return serverAddress(`/api/contracts/${id}/signed.pdf`);
}

/** Preview of a mail. */
export function useMailPreview(draft: MessageDraft, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ['records', 'mail-preview', draft],
    queryFn: () => send<MessagePreview>('/api/messages/preview', draft),
    placeholderData: keepPreviousData,
  });
}

/** @param key idempotency key, constant across retries of one mail */
export function useSendMail(key: string) {
  return useSending((mail: NewMessage) => send('/api/messages', mail, { 'idempotency-key': key }));
}

export function useSendMailAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...how }: MessageRetry & { id: string }) => send(`/api/messages/${id}/retry`, how),
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}

/** A mutation without error notifications: dialogs show their own errors. */
function useSending<Given, Answer>(run: (given: Given) => Promise<Answer>, done?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    meta: { showsFailure: true },
    ...(done ? { onSuccess: done } : {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}
