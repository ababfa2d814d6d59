import { Group, Text } from '@mantine/core';
import { CreditCard } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { Row } from '../../hooks/request/query';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from '../lines/DocumentLines.module.css';
import type { RecordOf } from '../records/entity';
import { CorrectPayment } from './CorrectPayment';
import { ReceiptLink } from './ReceiptLink';
import { RefundPayment, RetryRefund } from './RefundPayment';

/** Payments, credits and refunds of an invoice. What was received is not edited: an entry corrects it, and both are shown. */
export function PaymentList({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), invoice.currency);
  const { data, error, isPending } = useRecords('payments', {
    filters: [['invoice_id', 'eq', invoice.id]],
    order: [['created_at', 'desc']],
  });
  return (
    <Panel title={t('entity.payments.many')}>
      {error && <Failed error={error} />}
      {isPending && <Lines count={2} />}
      {data?.length === 0 && <EmptyState icon={CreditCard} title={t('entity.payments.empty')} small />}
      {data?.map((payment) => (
        <Group key={payment.id} justify="space-between" py={7} wrap="nowrap">
          <div>
            <Group gap={8}>
              <Text size="sm" fw={550}>
                {titleOf(t, payment)}
              </Text>
              <StatusBadge value={isTakenBack(payment, data) ? 'corrected' : payment.status} />
            </Group>
            <Text size="xs" c="dimmed">
              {[
                format.date(payment.paid_at ?? payment.created_at),
                payment.reference,
                payment.note,
                payment.failure_reason,
              ]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </div>
          <Group gap="xs" wrap="nowrap">
            {/* Nothing was received by an entry that was taken back. */}
            {!payment.is_correction && !isTakenBack(payment, data) && <ReceiptLink payment={payment} />}
            {leftOf(payment, data) > 0 && <RefundPayment payment={payment} />}
            <RetryRefund refund={payment} />
            <CorrectPayment payment={payment} left={leftOf(payment, data)} balance={invoice.balance ?? 0} />
            <span className={classes.total}>
              {payment.kind === 'refund' && '−'}
              {format.money(payment.amount)}
            </span>
          </Group>
        </Group>
      ))}
    </Panel>
  );
}

type Payment = Row<'payments'>;

/** What is left of a payment after refunds and corrections, in minor units. */
function leftOf(payment: Payment, all: readonly Payment[]): number {
  const back = all.filter(
    ({ refund_of_id, status }) =>
      refund_of_id === payment.id && (status === 'succeeded' || status === 'pending'),
  );
  return back.reduce((left, { amount }) => left - amount, payment.amount);
}

function isTakenBack(payment: Payment, all: readonly Payment[]): boolean {
  return (
    payment.kind === 'payment' &&
    leftOf(payment, all) === 0 &&
    all.some(({ refund_of_id, is_correction }) => is_correction && refund_of_id === payment.id)
  );
}

function titleOf(
  t: ReturnType<typeof useTranslation>['t'],
  { kind, method, is_correction }: Payment,
): string {
  const what = is_correction
    ? t('payment.correction')
    : method === 'credit'
      ? t('option.credit')
      : t(`option.${kind}`);
  return method === 'credit' ? what : `${what} · ${t(`option.${method}`)}`;
}
