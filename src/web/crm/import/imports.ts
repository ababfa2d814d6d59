import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../hooks/session';

export const ENTITIES = ['accounts', 'contacts', 'leads', 'events', 'equipment'] as const;

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
  status: 'running' | 'done' | 'failed' | 'undone' | 'interrupted';
  rowsRead: number;
  result: {
    created?: number;
    updated?: number;
    skipped?: number;
    failed?: number;
    message?: string;
    errors?: { line: number; column: string; message: string }[];
  };
  createdAt: string;
}

function formOf(file: File, choices: Choices, mapping: Mapping | null): FormData {
  const form = new FormData();
  form.set('file', file);
  form.set('entity', choices.entity);
  form.set('date_order', choices.dateOrder);
  form.set('duplicates', choices.duplicates);
  form.set('currency', choices.currency);
  if (mapping) form.set('mapping', JSON.stringify(mapping));
  return form;
}

/** What an import would do; the server suggests a mapping where none is given. */
export function usePreview(file: File | null, choices: Choices, mapping: Mapping | null) {
  return useQuery({
    queryKey: ['import-preview', file?.name, file?.size, file?.lastModified, choices, mapping],
    queryFn: () =>
      ask<Preview>('/api/imports/preview', { method: 'POST', body: formOf(file as File, choices, mapping) }),
    enabled: file !== null,
    placeholderData: (before) => before,
  });
}

export function useBeginImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, choices, mapping }: { file: File; choices: Choices; mapping: Mapping | null }) =>
      ask<Import>('/api/imports', { method: 'POST', body: formOf(file, choices, mapping) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

/** The latest imports; asked again every second while one is running. */
export function useImports() {
  return useQuery({
    queryKey: ['imports'],
    queryFn: () => ask<{ rows: Import[] }>('/api/imports'),
    refetchInterval: ({ state }) =>
      state.data?.rows.some(({ status }) => status === 'running') ? 1_000 : false,
  });
}

export function useUndoImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      ask<{ removed: number; kept: number }>(`/api/imports/${id}/undo`, { method: 'POST' }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['imports'] }),
        client.invalidateQueries({ queryKey: ['records'] }),
      ]),
  });
}
