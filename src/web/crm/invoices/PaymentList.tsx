import { Group, Text } from '@mantine/core';
import { CreditCard } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from '../lines/DocumentLines.module.css';
import { RefundPayment } from './Payments';

/** Payments and refunds of an invoice. Payments are immutable; corrections are refunds. */
export function PaymentList({ invoiceId }: { invoiceId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending } = useRecords('payments', {
    filters: [['invoice_id', 'eq', invoiceId]],
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
                {t(`option.${payment.kind}`)} · {t(`option.${payment.method}`)}
              </Text>
              <StatusBadge value={payment.status} />
            </Group>
            <Text size="xs" c="dimmed">
              {[format.moment(payment.paid_at ?? payment.created_at), payment.reference]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </div>
          <Group gap="xs" wrap="nowrap">
            <RefundPayment payment={payment} />
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
