import { useMutation, useQueryClient } from '@tanstack/react-query';
import { serverAddress } from '../page/address';
import { ask } from '../session/session';

/** Attaches files to a record, with one request per file. @throws (by the mutation) Failure `file_*` */
export function useAttachFiles(
  entityType: string,
  entityId: string,
  visibility: 'internal' | 'client' = 'internal',
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const file of files) {
        const form = new FormData();
        form.set('file', file);
        form.set('entity_type', entityType);
        form.set('entity_id', entityId);
        form.set('visibility', visibility);
        await ask('/api/attachments', { method: 'POST', body: form });
      }
      return files.length;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['records', 'attachments'] }),
  });
}

export function useDeleteFile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask(`/api/attachments/${id}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['records', 'attachments'] }),
  });
}

export function addressOfFile(id: string): string {
  return serverAddress(`/api/attachments/${id}`);
}
