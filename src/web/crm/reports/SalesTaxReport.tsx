import { Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { Landmark } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { CurrencySwitch, FigureCard, Waiting } from './figures';
import {
  currencyColumn,
  inCurrency,
  parametersOf,
  type ReportProperties,
  sumOf,
  useCurrency,
} from './report';

type Basis = 'accrual' | 'cash';

/** Sales tax by month, place and rate, as invoiced or as paid. */
export function SalesTaxReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const [basis, setBasis] = useState<Basis>('accrual');
  const now = useAnswer('sales_tax_report', { ...parametersOf(period), basis });
  const compared = useAnswer('sales_tax_report', { ...parametersOf(comparison.now), basis });
  const then = useAnswer('sales_tax_report', { ...parametersOf(comparison.before), basis });
  const choice = useCurrency((now.data ?? []).map(({ currency }) => currency));
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const { currency, money } = choice;
  const shown = inCurrency(currency, {
    rows: now.data,
    now: compared.data ?? now.data,
    before: then.data,
    versus: comparison.versus,
  });
  const { rows } = shown;
  type Row = (typeof rows)[number];
  const netOf = (some: readonly Row[], isTaxed: boolean) =>
    sumOf(some, ({ rate, net }) => (rate > 0 === isTaxed ? net : 0));
  const placeOf = ({ place }: Row) => place || t('salesTax.noPlace');
  const columns: FigureColumn<Row>[] = [
    {
      key: 'bucket',
      label: t('reports.step.month'),
      isName: true,
      show: ({ bucket }) => format.month(bucket),
      plain: ({ bucket }) => bucket,
      foot: t('total'),
    },
    { key: 'place', label: t('salesTax.place'), isName: true, show: placeOf, plain: placeOf },
    {
      key: 'tax_name',
      label: t('salesTax.tax'),
      isName: true,
      show: ({ tax_name }) => tax_name || t('salesTax.untaxed'),
      plain: ({ tax_name }) => tax_name,
    },
    {
      key: 'rate',
      label: t('salesTax.rate'),
      show: ({ rate }) => (rate > 0 ? format.rate(rate) : ''),
      plain: ({ rate }) => rate,
    },
    {
      key: 'invoices',
      label: t('nav.invoices'),
      show: ({ invoices }) => format.number(invoices),
      plain: ({ invoices }) => invoices,
    },
    ...(['net', 'tax'] as const).map((key) => ({
      key,
      label: t(key === 'net' ? 'salesTax.net' : 'salesTax.due'),
      show: (row: Row) => money.money(row[key]),
      plain: (row: Row) => row[key] / money.scale,
      foot: money.money(sumOf(rows, (row) => row[key])),
    })),
    currencyColumn(t('reports.currency'), () => currency),
  ];
  return (
    <Stack>
      <Group>
        <SegmentedControl
          aria-label={t('salesTax.basis')}
          value={basis}
          onChange={(next) => setBasis(next as Basis)}
          data={(['accrual', 'cash'] as const).map((value) => ({ value, label: t(`salesTax.${value}`) }))}
        />
        <Text size="sm" c="dimmed">
          {t(`salesTax.${basis}Hint`)}
        </Text>
      </Group>
      <CurrencySwitch choice={choice} />
      <SimpleGrid cols={{ base: 2, md: 3 }}>
        <FigureCard
          label={t('salesTax.due')}
          compared={shown}
          of={(some) => sumOf(some, ({ tax }) => tax)}
          show={money.money}
        />
        <FigureCard
          label={t('salesTax.taxable')}
          compared={shown}
          of={(some) => netOf(some, true)}
          show={money.moneyRound}
        />
        <FigureCard
          label={t('salesTax.untaxed')}
          compared={shown}
          of={(some) => netOf(some, false)}
          show={money.moneyRound}
        />
      </SimpleGrid>
      <FigureTable
        title={t('salesTax.byRate')}
        columns={columns}
        rows={rows}
        keyOf={({ bucket, place, tax_name, rate }) => [bucket, place, tax_name, rate].join(' ')}
        file={`sales-tax-${basis}-${period.from}-${period.to}`}
        empty={t('reports.nothing')}
        icon={Landmark}
      />
    </Stack>
  );
}
