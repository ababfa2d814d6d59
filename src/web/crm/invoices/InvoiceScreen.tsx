import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { PageColumns } from '../../ui/PageColumns';
import { StatusBadge } from '../../ui/StatusBadge';
import { invoices } from '../entities/money';
import { Deduction } from '../lines/Deduction';
import { DocumentLines, TotalRow, Totals } from '../lines/DocumentLines';
import { PdfPreview } from '../lines/PdfPreview';
import { TaxedTotal } from '../lines/TaxedTotal';
import { useIsEmpty } from '../lines/use-lines';
import { InvoicePlan } from '../plans/PaymentPlan';
import type { RecordOf } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { useWhenSaved } from '../records/use-when-saved';
import { MissingDetails } from '../settings/MissingDetails';
import { RecordTasks } from '../tasks/RecordTasks';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { CreditInvoice } from './CreditInvoice';
import { PaymentList } from './PaymentList';
import { RecordPayment } from './RecordPayment';
import { SendInvoice } from './SendInvoice';

/** The page of an invoice: lines, due dates and payments. */
export function InvoiceScreen() {
  return (
    <RecordPage<RecordOf<'invoices'>>
      entity={invoices}
      badge={(invoice) => <StatusBadge value={invoice.overdue ? 'overdue' : invoice.status} size="lg" />}
      actions={(invoice) => (
        <>
          <PdfPreview parent={{ table: 'invoices', id: invoice.id }} version={invoice.version} />
          <SendInvoice invoice={invoice} />
          <InvoiceActions invoice={invoice} />
        </>
      )}
      tabs={[
        {
          key: 'overview',
          content: (invoice) => (
            <PageColumns
              main={
                <>
                  <InvoiceLines invoice={invoice} />
                  <PaymentList invoice={invoice} />
                </>
              }
              side={
                <>
                  <RecordTasks entityType="invoice" entityId={invoice.id} />
                  <InvoicePlan invoice={invoice} />
                  <RecordFacts
                    entity={invoices}
                    record={invoice}
                    without={['invoice_number', 'status', 'total', 'balance']}
                  />
                </>
              }
            />
          ),
        },
        { key: 'messages', content: (invoice) => <Messages link="invoice_id" id={invoice.id} /> },
        { key: 'history', content: (invoice) => <History kind="invoices" record={invoice} /> },
      ]}
    />
  );
}

function InvoiceLines({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), invoice.currency);
  const may = useMay();
  const save = useSaveRecord('invoices');
  const received = invoice.paid - invoice.credited;
  const editable = invoice.status === 'draft' && may('money');
  return (
    <DocumentLines
      parent={{ table: 'invoices', id: invoice.id }}
      currency={invoice.currency}
      editable={editable}
      totals={
        <Totals>
          <TotalRow label={t('lines.subtotal')}>{format.money(invoice.subtotal)}</TotalRow>
          {editable && (
            <TotalRow label={t('lines.documentDiscount')}>
              <Deduction
                label={t('lines.documentDiscount')}
                currency={invoice.currency}
                kind={invoice.discount_type}
                value={invoice.discount_value}
                onChange={(discount_type, discount_value) =>
                  save.mutateAsync({
                    id: invoice.id,
                    changes: { discount_type, discount_value },
                    offline: {
                      group: `invoices:${invoice.id}`,
                      label: t('lines.documentDiscount'),
                      seen: invoice,
                    },
                  })
                }
              />
            </TotalRow>
          )}
          {invoice.discount > 0 && (
            <TotalRow label={t('lines.discount')}>−{format.money(invoice.discount)}</TotalRow>
          )}
          <TaxedTotal table="invoices" document={invoice} editable={editable} />
          {invoice.credited > 0 && (
            <TotalRow label={t('payment.credits')}>−{format.money(invoice.credited)}</TotalRow>
          )}
          {received > 0 && <TotalRow label={t('invoicing.paid')}>−{format.money(received)}</TotalRow>}
          <TotalRow label={t('invoicing.balance')}>{format.money(invoice.balance)}</TotalRow>
        </Totals>
      }
    />
  );
}

function InvoiceActions({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const save = useSaveRecord('invoices');
  const whenSaved = useWhenSaved(`invoices:${invoice.id}`);
  const format = formatIn(useFormat(), invoice.currency);
  const isEmpty = useIsEmpty({ table: 'invoices', id: invoice.id });
  if (!may('money')) return null;
  const become = (status: string, words: { title: string; text: string; done: string }) =>
    whenSaved(() =>
      confirm({
        title: words.title,
        text: words.text,
        action: words.done,
        ...(status === 'sent' ? { notice: <MissingDetails /> } : {}),
        onConfirm: () =>
          save.mutate(
            { id: invoice.id, changes: { status } },
            { onSuccess: () => notifyDone(t(status === 'sent' ? 'invoicing.sent' : 'saved')) },
          ),
      }),
    );
  const isOpen = ['sent', 'partially_paid'].includes(invoice.status);
  return (
    <>
      {invoice.status === 'draft' && (
        <Button
          disabled={isEmpty}
          {...(isEmpty ? { title: t('lines.needed') } : {})}
          onClick={() =>
            become('sent', {
              title: t('invoicing.sendTitle'),
              text: t('invoicing.sendText'),
              done: t('invoicing.send'),
            })
          }
        >
          {t('invoicing.send')}
        </Button>
      )}
      {isOpen && (
        <>
          <RecordPayment invoice={invoice} />
          <CreditInvoice invoice={invoice} />
          <Button
            variant="default"
            onClick={() =>
              become('written_off', {
                title: t('invoicing.writeOffTitle'),
                text: t('invoicing.writeOffText', { amount: format.money(invoice.balance) }),
                done: t('invoicing.writeOff'),
              })
            }
          >
            {t('invoicing.writeOff')}
          </Button>
        </>
      )}
      {invoice.status === 'written_off' && (
        <Button
          variant="default"
          onClick={() =>
            become('partially_paid', {
              title: t('invoicing.reopenTitle'),
              text: t('invoicing.reopenText'),
              done: t('invoicing.reopen'),
            })
          }
        >
          {t('invoicing.reopen')}
        </Button>
      )}
      {invoice.paid === 0 && ['sent', 'paid'].includes(invoice.status) && (
        <Button
          variant="default"
          onClick={() =>
            become('void', {
              title: t('invoicing.voidTitle'),
              text: t('invoicing.voidText'),
              done: t('invoicing.void'),
            })
          }
        >
          {t('invoicing.void')}
        </Button>
      )}
    </>
  );
}
