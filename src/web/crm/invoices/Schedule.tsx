import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import type { RecordOf } from '../../ui/entity';
import { Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from '../lines/DocumentLines.module.css';

interface Instalment {
  label: string;
  amount: number;
  due_date: string;
}

/** Payment schedule of an invoice. Payments are applied to the earliest instalment first. */
export function Schedule({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const instalments = invoice.payment_schedule as unknown as Instalment[];
  if (!Array.isArray(instalments) || instalments.length === 0) return null;
  let reached = 0;
  return (
    <Panel title={t('invoicing.schedule')}>
      {instalments.map((instalment) => {
        reached += instalment.amount;
        const status =
          invoice.paid >= reached ? 'paid' : instalment.due_date < format.today ? 'overdue' : null;
        return (
          <Group key={`${instalment.due_date} ${instalment.label}`} justify="space-between" py={6}>
            <div>
              <Text size="sm" fw={550}>
                {instalment.label}
              </Text>
              <Text size="xs" c="dimmed">
                {t('invoicing.due', { date: format.date(instalment.due_date) })}
              </Text>
            </div>
            <Group gap="xs">
              <StatusBadge value={status} />
              <span className={classes.total}>{format.money(instalment.amount)}</span>
            </Group>
          </Group>
        );
      })}
    </Panel>
  );
}
