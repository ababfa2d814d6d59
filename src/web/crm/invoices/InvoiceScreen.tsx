import { Group } from '@mantine/core';
import { useMemo } from 'react';
import { useFormat } from '../../hooks/format';
import type { Filter, Row } from '../../hooks/query';
import { useMay } from '../../hooks/roles';
import type { AnyRow } from '../../ui/entity';
import { Facts } from '../../ui/Facts';
import { PageColumns, RecordPage } from '../../ui/RecordPage';
import { RelatedRecords } from '../../ui/RelatedRecords';
import { StatusBadge } from '../../ui/StatusBadge';
import { invoices, payments } from '../entities/money';
import { LineEditor } from '../lines/LineEditor';
import { Totals } from '../lines/Totals';
import { DocumentTerms } from '../quotes/DocumentTerms';
import { History } from '../timeline/History';
import { Notes } from '../timeline/Notes';
import { InvoiceActions } from './InvoiceActions';

export type Invoice = Row<'invoices'> & AnyRow;

export function InvoiceScreen() {
  const may = useMay();
  const format = useFormat();
  return (
    <RecordPage<Invoice>
      entity={invoices}
      badge={(invoice) => (
        <Group gap={6}>
          <StatusBadge value={invoice.status} size="lg" />
          {invoice.overdue && <StatusBadge value="overdue" size="lg" />}
        </Group>
      )}
      subtitle={(invoice) =>
        invoice.due_date && `${format.date(invoice.due_date)} · ${format.fromToday(invoice.due_date)}`
      }
      actions={(invoice) => <InvoiceActions invoice={invoice} />}
      tabs={[
        {
          key: 'overview',
          content: (invoice) => {
            const editable = invoice.status === 'draft' && may('money');
            return (
              <PageColumns
                main={
                  <>
                    <LineEditor
                      table="invoice_line_items"
                      parent={{ column: 'invoice_id', id: invoice.id }}
                      editable={editable}
                    >
                      <Totals document={invoice} />
                    </LineEditor>
                    <Payments invoiceId={invoice.id} />
                  </>
                }
                side={
                  <>
                    <DocumentTerms table="invoices" document={invoice} editable={editable} />
                    <Facts
                      entity={invoices}
                      record={invoice}
                      without={['invoice_number', 'status', 'total', 'balance']}
                    />
                    <Notes entityType="invoice" entityId={invoice.id} />
                  </>
                }
              />
            );
          },
        },
        { key: 'history', content: (invoice) => <History record={invoice} /> },
      ]}
    />
  );
}

function Payments({ invoiceId }: { invoiceId: string }) {
  const filters = useMemo((): Filter[] => [['invoice_id', 'eq', invoiceId]], [invoiceId]);
  return (
    <RelatedRecords
      entity={payments}
      filters={filters}
      canAdd={false}
      fields={['paid_at', 'kind', 'method', 'status', 'amount']}
    />
  );
}
