import { BarChart } from '@mantine/charts';
import { SimpleGrid, Stack } from '@mantine/core';
import { Receipt } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { stepOf } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { Chart, CurrencySwitch, FigureCard, LEGEND, Waiting } from './figures';
import {
  bucketLabel,
  currencyColumn,
  inCurrency,
  parametersOf,
  type ReportProperties,
  sumOf,
  useCurrency,
} from './report';

const FIGURES = ['invoiced', 'revenue', 'received'] as const;

/** Invoiced amounts, revenue without tax, and payments received. */
export function RevenueReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const step = stepOf(period);
  const now = useAnswer('revenue_report', { ...parametersOf(period), step });
  const toDate = useAnswer('revenue_report', { ...parametersOf(comparison.now), step });
  const then = useAnswer('revenue_report', { ...parametersOf(comparison.before), step: 'month' });
  const choice = useCurrency((now.data ?? []).map(({ currency }) => currency));
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const { currency, money } = choice;
  const compared = inCurrency(currency, {
    rows: now.data,
    now: toDate.data,
    before: then.data,
    versus: comparison.versus,
  });
  const { rows } = compared;
  const columns: FigureColumn<(typeof rows)[number]>[] = [
    {
      key: 'bucket',
      label: t(`reports.step.${step}`),
      isName: true,
      show: ({ bucket }) => (step === 'month' ? format.month(bucket) : format.day(bucket)),
      plain: ({ bucket }) => bucket,
      foot: t('total'),
    },
    {
      key: 'invoices',
      label: t('nav.invoices'),
      show: ({ invoices }) => format.number(invoices),
      plain: ({ invoices }) => invoices,
      foot: format.number(sumOf(rows, ({ invoices }) => invoices)),
    },
    ...FIGURES.map((key) => ({
      key,
      label: t(`reports.${key}`),
      show: (row: (typeof rows)[number]) => money.money(row[key]),
      plain: (row: (typeof rows)[number]) => row[key] / money.scale,
      foot: money.money(sumOf(rows, (row) => row[key])),
    })),
    currencyColumn(t('reports.currency'), () => currency),
  ];
  return (
    <Stack>
      <CurrencySwitch choice={choice} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        {FIGURES.map((key) => (
          <FigureCard
            key={key}
            label={t(`reports.${key}`)}
            compared={compared}
            of={(some) => sumOf(some, (row) => row[key])}
            show={money.moneyRound}
          />
        ))}
        <FigureCard
          label={t('nav.invoices')}
          compared={compared}
          of={(some) => sumOf(some, ({ invoices }) => invoices)}
          show={format.number}
        />
      </SimpleGrid>
      <Chart
        title={t('reports.revenueBy', { step: t(`reports.by.${step}`) })}
        label={t('reports.inTable')}
        height={280}
      >
        <BarChart
          h="100%"
          data={rows.map((row) => ({
            label: bucketLabel(format, step, row.bucket),
            invoiced: row.invoiced,
            received: row.received,
          }))}
          dataKey="label"
          {...LEGEND}
          valueFormatter={(value) => money.moneyCompact(value)}
          series={[
            { name: 'invoiced', label: t('reports.invoiced'), color: 'marquee.5' },
            { name: 'received', label: t('reports.received'), color: 'teal.6' },
          ]}
        />
      </Chart>
      <FigureTable
        title={t('reports.figures')}
        columns={columns}
        rows={rows}
        keyOf={({ bucket }) => bucket}
        file={`revenue-${period.from}-${period.to}`}
        empty={t('reports.nothing')}
        icon={Receipt}
      />
    </Stack>
  );
}
