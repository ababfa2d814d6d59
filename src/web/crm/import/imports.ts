import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Import, ImportChoices, ImportPreview, Imports } from '@/server/api/imports';
import { ask } from '../../hooks/session';

export const ENTITIES = [
  'accounts',
  'contacts',
  'leads',
  'events',
  'equipment',
] as const satisfies ImportChoices['entity'][];

/** Bytes of the file sent for a preview: enough for the first rows, even with long notes. */
const PREVIEW_BYTES = 4 * 1024 ** 2;

/** Import options chosen by the user. */
export interface Choices {
  entity: ImportChoices['entity'];
  dateOrder: NonNullable<ImportChoices['date_order']>;
  duplicates: NonNullable<ImportChoices['duplicates']>;
  currency: string;
}

export type Mapping = ImportPreview['mapping'];

/** Sends the file as the request body and the options as query parameters. */
function request(path: string, file: File, part: Blob, choices: Choices, mapping: Mapping | null) {
  const query = new URLSearchParams({
    entity: choices.entity,
    file_name: file.name.slice(-200),
    date_order: choices.dateOrder,
    duplicates: choices.duplicates,
    currency: choices.currency,
    ...(mapping ? { mapping: JSON.stringify(mapping) } : {}),
  });
  return [`${path}?${query}`, { method: 'POST', body: new Blob([part], { type: 'text/csv' }) }] as const;
}

/** Preview of an import. If no mapping is given, the server suggests one. */
export function usePreview(file: File | null, choices: Choices, mapping: Mapping | null) {
  return useQuery({
    queryKey: ['import-preview', file?.name, file?.size, file?.lastModified, choices, mapping],
    queryFn: () =>
      ask<ImportPreview>(
        ...request(
          '/api/imports/preview',
          file as File,
          (file as File).slice(0, PREVIEW_BYTES),
          choices,
          mapping,
        ),
      ),
    enabled: file !== null,
    placeholderData: (before) => before,
  });
}

export function useBeginImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, choices, mapping }: { file: File; choices: Choices; mapping: Mapping | null }) =>
      ask<Import>(...request('/api/imports', file, file, choices, mapping)),
    onSettled: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

/** Whether the status still changes without user action. */
export const isGoingOn = (status: Import['status']) => status === 'running' || status === 'undoing';

/** The latest imports, polled every second while one is running. */
export function useImports() {
  return useQuery({
    queryKey: ['imports'],
    queryFn: () => ask<Imports>('/api/imports'),
    refetchInterval: ({ state }) =>
      state.data?.rows.some(({ status }) => isGoingOn(status)) ? 1_000 : false,
  });
}

export function useUndoImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask<Import>(`/api/imports/${id}/undo`, { method: 'POST' }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['imports'] }),
        client.invalidateQueries({ queryKey: ['records'] }),
      ]),
  });
}
