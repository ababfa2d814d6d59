import { BarChart } from '@mantine/charts';
import { SimpleGrid, Stack } from '@mantine/core';
import { Wallet } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { earlierOf } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { LinkTo } from '../../ui/LinkTo';
import { Chart, CurrencySwitch, FigureCard, Waiting } from './figures';
import { currencyColumn, inCurrency, type ReportProperties, sumOf, useCurrency } from './report';

const AGES = ['not_due', 'days_30', 'days_60', 'days_90', 'older'] as const;

/** Receivables by age, at the end of the period, or today if it has not ended. */
export function ReceivablesReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const day = earlierOf(period.to, format.today);
  const now = useAnswer('receivables_report', { as_of: day });
  const then = useAnswer('receivables_report', { as_of: earlierOf(comparison.before.to, day) });
  const choice = useCurrency((now.data ?? []).map(({ currency }) => currency));
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const { currency, money } = choice;
  const compared = inCurrency(currency, {
    rows: now.data,
    now: now.data,
    before: then.data,
    versus: comparison.versus,
  });
  const { rows } = compared;
  type Row = (typeof rows)[number];
  const overdue = (of: readonly Row[]) => sumOf(of, ({ total, not_due }) => total - not_due);
  const columns: FigureColumn<Row>[] = [
    {
      key: 'name',
      label: t('entity.accounts.one'),
      isName: true,
      show: ({ account_id, name }) => (
        <LinkTo to={`/accounts/${account_id}`} search={{ tab: 'money' }} inherit>
          {name}
        </LinkTo>
      ),
      plain: ({ name }) => name,
      foot: t('total'),
    },
    {
      key: 'invoices',
      label: t('nav.invoices'),
      show: ({ invoices }) => format.number(invoices),
      plain: ({ invoices }) => invoices,
      foot: format.number(sumOf(rows, ({ invoices }) => invoices)),
    },
    ...[...AGES, 'total' as const].map((key) => ({
      key,
      label: t(`reports.age.${key}`),
      show: (row: Row) => (row[key] === 0 ? '' : money.money(row[key])),
      plain: (row: Row) => row[key] / money.scale,
      foot: money.money(sumOf(rows, (row) => row[key])),
    })),
    {
      key: 'oldest',
      label: t('reports.oldestDue'),
      show: ({ oldest_due }) => format.date(oldest_due),
      plain: ({ oldest_due }) => oldest_due,
    },
    currencyColumn(t('reports.currency'), () => currency),
  ];
  return (
    <Stack>
      <CurrencySwitch choice={choice} />
      <SimpleGrid cols={{ base: 2, md: 3 }}>
        <FigureCard
          label={t('reports.owed', { date: format.date(day) })}
          compared={compared}
          of={(some) => sumOf(some, ({ total }) => total)}
          show={money.moneyRound}
          goodWhen="less"
        />
        <FigureCard
          label={t('option.overdue')}
          compared={compared}
          of={overdue}
          show={money.moneyRound}
          goodWhen="less"
        />
        <FigureCard
          label={t('reports.clients')}
          compared={compared}
          of={({ length }) => length}
          show={format.number}
          goodWhen="less"
        />
      </SimpleGrid>
      <Chart title={t('reports.ageing')} label={t('reports.inTable')} height={260}>
        <BarChart
          h="100%"
          data={AGES.map((key) => ({
            label: t(`reports.age.${key}`),
            amount: sumOf(rows, (row) => row[key]),
          }))}
          dataKey="label"
          valueFormatter={(value) => money.moneyCompact(value)}
          series={[{ name: 'amount', label: t('field.balance'), color: 'orange.6' }]}
        />
      </Chart>
      <FigureTable
        title={t('reports.byClient')}
        columns={columns}
        rows={rows}
        keyOf={({ account_id }) => account_id}
        file={`receivables-${day}`}
        empty={t('reports.nothingOwed')}
        icon={Wallet}
      />
    </Stack>
  );
}
