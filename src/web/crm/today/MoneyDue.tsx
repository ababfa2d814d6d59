import { Text } from '@mantine/core';
import { Banknote } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatIn, shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import { RowLink } from './RowLink';

interface Due {
  id: string;
  invoice_number: string | null;
  currency: string;
  issue_date: string;
  next_due_date: string | null;
  next_due_amount: number;
  balance: number | null;
  account: { name: string } | null;
}

const SHOWN = 6;
const SELECT =
  'id,invoice_number,currency,issue_date,next_due_date,next_due_amount,balance,account:accounts!invoices_account_id_fkey(name)';
const OPEN: Filter = ['status', 'in', ['sent', 'partially_paid']];

/** Instalments and balances that are overdue, due within two weeks, or without a due date, oldest first. */
export function MoneyDue() {
  const { t } = useTranslation();
  const format = useFormat();
  const dated = useRecords<'invoices', Due>('invoices', {
    select: SELECT,
    filters: [OPEN, ['next_due_date', 'lte', shiftDays(format.today, 14)]],
    order: [['next_due_date', 'asc']],
    limit: SHOWN,
  });
  // An invoice without a due date may be paid at any time, so it stands at its issue date.
  const undated = useRecords<'invoices', Due>('invoices', {
    select: SELECT,
    filters: [OPEN, ['next_due_date', 'is', null], ['due_date', 'is', null]],
    order: [['issue_date', 'asc']],
    limit: SHOWN,
  });
  const isPending = dated.isPending || undated.isPending;
  const data = [...(dated.data ?? []), ...(undated.data ?? [])]
    .toSorted((a, b) => since(a).localeCompare(since(b)))
    .slice(0, SHOWN);
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
      ) : data.length === 0 ? (
        <EmptyState icon={Banknote} title={t('today.money.none')} small />
      ) : (
        data.map((invoice) => (
          <RowLink
            key={invoice.id}
            to={`/invoices/${invoice.id}`}
            title={invoice.account?.name ?? ''}
            text={invoice.invoice_number}
            aside={
              <>
                <span className="numeric">
                  {formatIn(format, invoice.currency).money(
                    invoice.next_due_date ? invoice.next_due_amount : invoice.balance,
                  )}
                </span>
                <Text
                  size="sm"
                  style={{
                    color:
                      (invoice.next_due_date ?? format.today) < format.today
                        ? 'var(--mantine-color-red-light-color)'
                        : 'var(--mantine-color-dimmed)',
                  }}
                >
                  {invoice.next_due_date ? format.fromToday(invoice.next_due_date) : t('today.money.noDate')}
                </Text>
              </>
            }
          />
        ))
      )}
    </Panel>
  );
}

const since = ({ next_due_date, issue_date }: Due) => next_due_date ?? issue_date;
