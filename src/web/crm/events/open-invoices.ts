import { useMemo } from 'react';
import { useRecords } from '../../hooks/records/records';
import type { Filter, Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';

export type OpenInvoice = Row<'invoices'>;

/** The invoices of an event that ask for money, and its drafts. */
export function useOpenInvoices(eventId: string, enabled = true) {
  const may = useMay();
  const filters = useMemo(
    (): Filter[] => [
      ['event_id', 'eq', eventId],
      ['status', 'in', ['draft', 'sent', 'partially_paid']],
    ],
    [eventId],
  );
  return useRecords(
    'invoices',
    { filters, order: [['created_at', 'asc']] },
    { enabled: enabled && may('prices') },
  );
}
