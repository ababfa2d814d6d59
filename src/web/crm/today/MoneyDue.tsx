import { Text } from '@mantine/core';
import { Banknote } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import { RowLink } from './RowLink';

interface Due {
  id: string;
  invoice_number: string | null;
  due_date: string;
  balance: number;
  account: { name: string } | null;
}

/** Invoices that are overdue or due within two weeks, oldest first. */
export function MoneyDue() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, isPending } = useRecords<'invoices', Due>('invoices', {
    select: 'id,invoice_number,due_date,balance,account:accounts!invoices_account_id_fkey(name)',
    filters: [
      ['status', 'in', ['sent', 'partially_paid']],
      ['due_date', 'lte', shiftDays(format.today, 14)],
    ],
    order: [['due_date', 'asc']],
    limit: 6,
  });
  return (
    <Panel
      title={t('today.money.title')}
      flush
      aside={
        <LinkTo to="/invoices" size="sm">
          {t('all')}
        </LinkTo>
      }
    >
      {isPending ? (
        <Lines count={3} />
      ) : data?.length === 0 ? (
        <EmptyState icon={Banknote} title={t('today.money.none')} small />
      ) : (
        data?.map((invoice) => (
          <RowLink
            key={invoice.id}
            to={`/invoices/${invoice.id}`}
            title={invoice.account?.name ?? ''}
            text={invoice.invoice_number}
            aside={
              <>
                <span className="numeric">{format.money(invoice.balance)}</span>
                <Text
                  size="sm"
                  style={{
                    color:
                      invoice.due_date < format.today
                        ? 'var(--mantine-color-red-light-color)'
                        : 'var(--mantine-color-dimmed)',
                  }}
                >
                  {format.fromToday(invoice.due_date)}
                </Text>
              </>
            }
          />
        ))
      )}
    </Panel>
  );
}
