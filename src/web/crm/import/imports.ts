import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Import, ImportChoices, ImportPreview, Imports } from '@/server/api/records/import-answers';
import { useIdempotencyKey } from '../../hooks/page/idempotency-key';
import { ask } from '../../hooks/session/session';

export const ENTITIES = [
  'accounts',
  'contacts',
  'leads',
  'events',
  'equipment',
] as const satisfies ImportChoices['entity'][];

/** Import options chosen by the user. */
export interface Choices {
  entity: ImportChoices['entity'];
  /** By column of the file, where the owner chose it. */
  dateOrders: Record<string, NonNullable<ImportChoices['date_order']>>;
  names: NonNullable<ImportChoices['names']>;
  duplicates: NonNullable<ImportChoices['duplicates']>;
  currency: string;
}

export type Mapping = ImportPreview['mapping'];

/** Sends the file as the request body and the options as query parameters. */
function request(path: string, file: File, choices: Choices, mapping: Mapping | null) {
  const query = new URLSearchParams({
    entity: choices.entity,
    file_name: file.name.slice(-200),
    date_orders: JSON.stringify(choices.dateOrders),
    names: choices.names,
    duplicates: choices.duplicates,
    currency: choices.currency,
    ...(mapping ? { mapping: JSON.stringify(mapping) } : {}),
  });
  return [`${path}?${query}`, { method: 'POST', body: new Blob([file], { type: 'text/csv' }) }] as const;
}

/** Preview of an import. If no mapping is given, the server suggests one. */
export function usePreview(file: File | null, choices: Choices, mapping: Mapping | null) {
  return useQuery({
    queryKey: ['import-preview', file?.name, file?.size, file?.lastModified, choices, mapping],
    queryFn: () => ask<ImportPreview>(...request('/api/imports/preview', file as File, choices, mapping)),
    enabled: file !== null,
    placeholderData: (before) => before,
  });
}

export function useBeginImport() {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: ({ file, choices, mapping }: { file: File; choices: Choices; mapping: Mapping | null }) => {
      const [path, init] = request('/api/imports', file, choices, mapping);
      return ask<Import>(path, { ...init, headers });
    },
    onSuccess: renew,
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
      state.data?.imports.some(({ status }) => isGoingOn(status)) ? 1_000 : false,
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

/** The name of a field, as forms call it. */
export function useFieldLabel(preview: Pick<ImportPreview, 'fields'>): (column: string) => string {
  const { t } = useTranslation();
  return (column) =>
    t(`field.${column}`, preview.fields.find((field) => field.column === column)?.label ?? column);
}
