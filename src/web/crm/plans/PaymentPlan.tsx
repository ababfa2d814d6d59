import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Pencil } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Format, formatIn, useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import { Panel } from '../../ui/Panel';
import { partLabel } from '../../ui/part-label';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from '../lines/DocumentLines.module.css';
import type { RecordOf } from '../records/entity';
import { EditPlan } from './EditPlan';
import { type Part, type PlannedDocument, paidOf, readParts, settledCount, type Words } from './plan';

/** The payment plan of an invoice: what is due when, and what is paid of it. */
export function InvoicePlan({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const may = useMay();
  const isOpen = ['draft', 'sent', 'partially_paid'].includes(invoice.status);
  const received = invoice.paid - invoice.credited;
  return (
    <Plan
      document={{
        table: 'invoices',
        id: invoice.id,
        version: invoice.version,
        currency: invoice.currency,
        parts: readParts(invoice.payment_schedule),
        dueDate: invoice.due_date,
        due: invoice.total - invoice.credited,
        received,
        kept: settledCount(readParts(invoice.payment_schedule), received),
        hasEvent: Boolean(invoice.event_id ?? invoice.opportunity_id),
      }}
      editable={isOpen && may('money')}
    />
  );
}

/** The payment plan of a quote: what the client will be asked for when. */
export function QuotePlan({ quote }: { quote: RecordOf<'quotes'> }) {
  const may = useMay();
  return (
    <Plan
      document={{
        table: 'quotes',
        id: quote.id,
        version: quote.version,
        currency: quote.currency,
        parts: readParts(quote.payment_schedule),
        due: quote.total,
        received: 0,
        kept: 0,
        hasEvent: true,
      }}
      editable={quote.status === 'draft' && may('sales')}
    />
  );
}

function Plan({ document, editable }: { document: PlannedDocument; editable: boolean }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), document.currency);
  const [opened, { open, close }] = useDisclosure();
  const { parts, received } = document;
  if (parts.length === 0 && !editable) return null;
  const paid = paidOf(parts, received);
  return (
    <Panel
      title={t('plan.title')}
      aside={
        editable && (
          <Button variant="subtle" size="compact-sm" leftSection={<Pencil size={14} />} onClick={open}>
            {t('edit')}
          </Button>
        )
      }
    >
      {parts.length === 0 && (
        <Text size="sm" c="dimmed">
          {t(document.table === 'quotes' ? 'plan.noneQuote' : 'plan.none')}
        </Text>
      )}
      {parts.map((part, index) => {
        const covered = paid[index] ?? 0;
        const isPaid = covered > 0 && covered === part.amount;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts are told apart by their place in the plan
          <Group key={index} justify="space-between" py={6} wrap="nowrap" align="flex-start">
            <div>
              <Text size="sm" fw={550}>
                {partLabel(t, part.label)}
                {part.type === 'percent' && ` · ${format.rate(part.value ?? 0)}`}
              </Text>
              <Text size="xs" c="dimmed">
                {dueText(t, format, part)}
                {covered > 0 && !isPaid && ` · ${t('plan.partPaid', { amount: format.money(covered) })}`}
              </Text>
            </div>
            <Group gap="xs" wrap="nowrap">
              <StatusBadge
                value={
                  isPaid
                    ? 'paid'
                    : document.table === 'invoices' &&
                        part.amount > 0 &&
                        (part.due_date ?? '9') < format.today
                      ? 'overdue'
                      : null
                }
              />
              <span className={classes.total}>{format.money(part.amount)}</span>
            </Group>
          </Group>
        );
      })}
      {opened && <EditPlan document={document} onClose={close} />}
    </Panel>
  );
}

function dueText(t: Words, format: Format, { due_date, days_before }: Part): string {
  const counted = days_before !== null ? t('plan.daysBefore', { count: days_before }) : '';
  if (due_date)
    return [t('invoicing.due', { date: format.date(due_date) }), counted].filter(Boolean).join(' · ');
  return counted || t('plan.onAcceptance');
}
