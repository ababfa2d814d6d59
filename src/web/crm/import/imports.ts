import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../hooks/session';

export const ENTITIES = ['accounts', 'contacts', 'leads', 'events', 'equipment'] as const;

/** The first rows are in it, however long their notes. */
const PREVIEW_BYTES = 4 * 1024 ** 2;

export interface Choices {
  entity: string;
  dateOrder: string;
  duplicates: string;
  currency: string;
}

/** Column of Marquee by header of the file. */
export type Mapping = Record<string, string>;

export interface Preview {
  headers: string[];
  mapping: Mapping;
  fields: { column: string; label: string; required: boolean }[];
  rows: {
    line: number;
    values: Record<string, unknown>;
    errors: { column: string; message: string }[];
    duplicate: boolean;
  }[];
}

export interface Import {
  id: string;
  entity: string;
  fileName: string;
  status: 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'interrupted';
  rowsRead: number;
  fileBytes: number;
  bytesRead: number;
  result: {
    created?: number;
    updated?: number;
    skipped?: number;
    failed?: number;
    removed?: number;
    kept?: number;
    message?: string;
    errors?: { line: number; column: string; message: string }[];
  };
  createdAt: string;
}

/** The file is the request's body; what is chosen stands in its address. */
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

/** What an import would do; the server suggests a mapping where none is given. */
export function usePreview(file: File | null, choices: Choices, mapping: Mapping | null) {
  return useQuery({
    queryKey: ['import-preview', file?.name, file?.size, file?.lastModified, choices, mapping],
    queryFn: () =>
      ask<Preview>(
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

/** Whether it changes by itself. */
export const isGoingOn = (status: Import['status']) => status === 'running' || status === 'undoing';

/** The latest imports; asked again every second while one goes on. */
export function useImports() {
  return useQuery({
    queryKey: ['imports'],
    queryFn: () => ask<{ rows: Import[] }>('/api/imports'),
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
