import { BarChart } from '@mantine/charts';
import { Button, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { CalendarDays } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { stepOf } from '../../hooks/dates/period';
import { formatIn, useFormat } from '../../hooks/format';
import { read, useAnswer } from '../../hooks/records/functions';
import { unwrap } from '../../hooks/request/database';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { LinkTo } from '../../ui/LinkTo';
import { Lines } from '../../ui/Panel';
import { StatCard } from '../../ui/StatCard';
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

const COSTS = ['labour', 'custom_items', 'fees', 'travel'] as const;
const FIGURES = ['revenue', ...COSTS, 'profit'] as const;
const PAGE = 50;
const FILE_PAGE = 2_000;

/** Revenue and cost of events, by event date. */
export function ProfitReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const step = stepOf(period);
  const now = useAnswer('profit_report', { ...parametersOf(period), step });
  const toDate = useAnswer('profit_report', { ...parametersOf(comparison.now), step });
  const then = useAnswer('profit_report', { ...parametersOf(comparison.before), step: 'month' });
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
  type Row = (typeof rows)[number];
  const total = (key: (typeof FIGURES)[number] | 'events', of: readonly Row[] = rows) =>
    sumOf(of, (row) => row[key]);
  const costs = (of: readonly Row[]) => sumOf(COSTS, (key) => total(key, of));
  const margin = (of: typeof rows) =>
    total('revenue', of) > 0 ? total('profit', of) / total('revenue', of) : 0;
  return (
    <Stack>
      <CurrencySwitch choice={choice} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <FigureCard
          label={t('reports.revenue')}
          compared={compared}
          of={(some) => total('revenue', some)}
          show={money.moneyRound}
        />
        <FigureCard
          label={t('reports.costs')}
          compared={compared}
          of={costs}
          show={money.moneyRound}
          goodWhen="less"
        />
        <FigureCard
          label={t('reports.profit')}
          compared={compared}
          of={(some) => total('profit', some)}
          show={money.moneyRound}
        />
        <StatCard
          label={t('reports.margin')}
          value={format.percent(margin(rows))}
          note={t('reports.ofEvents', { count: total('events') })}
        />
      </SimpleGrid>
      <Chart
        title={t('reports.profitBy', { step: t(`reports.by.${step}`) })}
        label={t('reports.inTable')}
        height={280}
      >
        <BarChart
          h="100%"
          data={rows.map((row) => ({
            label: bucketLabel(format, step, row.bucket),
            revenue: row.revenue,
            costs: costs([row]),
            profit: row.profit,
          }))}
          dataKey="label"
          {...LEGEND}
          valueFormatter={(value) => money.moneyCompact(value)}
          series={[
            { name: 'revenue', label: t('reports.revenue'), color: 'marquee.5' },
            { name: 'costs', label: t('reports.costs'), color: 'orange.6' },
            { name: 'profit', label: t('reports.profit'), color: 'teal.6' },
          ]}
        />
      </Chart>
      {/* The key resets pagination when the period changes. */}
      <ByEvent key={period.key} period={period} />
    </Stack>
  );
}

/** Profit by event, paginated: a year may have thousands. */
function ByEvent({ period }: Pick<ReportProperties, 'period'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [sorted, setSorted] = useState('latest');
  const [page, setPage] = useState(0);
  const { data, error, refetch } = useAnswer('profit_by_event', {
    ...parametersOf(period),
    sorted,
    most: PAGE,
    skip: page * PAGE,
  });
  if (!data) return error ? <Waiting error={error} retry={() => void refetch()} /> : <Lines />;
  type Row = (typeof data)[number];
  const all = data[0]?.of_all ?? 0;
  const everything = async () => {
    const rows: Row[] = [];
    for (;;) {
      const parameters = { ...parametersOf(period), sorted, most: FILE_PAGE, skip: rows.length };
      const more = unwrap(await read('profit_by_event', parameters)) as Row[];
      rows.push(...more);
      if (more.length < FILE_PAGE) return rows;
    }
  };
  const columns: FigureColumn<Row>[] = [
    {
      key: 'title',
      label: t('entity.events.one'),
      isName: true,
      show: ({ event_id, title }) => (
        <LinkTo to={`/events/${event_id}`} search={{ tab: 'money' }} inherit>
          {title}
        </LinkTo>
      ),
      plain: ({ title }) => title,
    },
    {
      key: 'date',
      label: t('field.event_date'),
      show: ({ start_date }) => format.date(start_date),
      plain: ({ start_date }) => start_date,
    },
    ...FIGURES.map((key) => ({
      key,
      label: t(`reports.${key}`),
      show: (row: Row) => (
        <Text
          span
          inherit
          fw={key === 'profit' ? 600 : undefined}
          c={row[key] < 0 ? 'var(--marquee-bad)' : undefined}
        >
          {formatIn(format, row.currency).money(row[key])}
        </Text>
      ),
      plain: (row: Row) => row[key] / formatIn(format, row.currency).scale,
    })),
    {
      key: 'margin',
      label: t('reports.margin'),
      show: ({ margin_percent }) => (margin_percent === null ? '' : format.percent(margin_percent / 100)),
      plain: ({ margin_percent }) => (margin_percent === null ? '' : margin_percent / 100),
    },
    currencyColumn(t('reports.currency'), ({ currency }) => currency),
  ];
  return (
    <FigureTable
      title={t('reports.byEvent')}
      columns={columns}
      rows={data}
      keyOf={({ event_id, currency }) => `${event_id} ${currency}`}
      file={`profit-${period.from}-${period.to}`}
      empty={t('reports.nothing')}
      icon={CalendarDays}
      allRows={everything}
      aside={
        <Select
          size="xs"
          w={130}
          aria-label={t('reports.sorted.title')}
          value={sorted}
          data={['latest', 'best', 'worst'].map((value) => ({ value, label: t(`reports.sorted.${value}`) }))}
          onChange={(next) => {
            setSorted(next ?? 'latest');
            setPage(0);
          }}
        />
      }
      below={
        all > PAGE && (
          <Group justify="space-between" px="md" py="sm">
            <Text size="sm" c="dimmed" aria-live="polite">
              {t('reports.rows', { from: page * PAGE + 1, to: page * PAGE + data.length, all })}
            </Text>
            <Group gap="xs">
              <Button
                size="compact-sm"
                variant="default"
                disabled={page === 0}
                onClick={() => setPage(page - 1)}
              >
                {t('reports.previous')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                disabled={(page + 1) * PAGE >= all}
                onClick={() => setPage(page + 1)}
              >
                {t('reports.next')}
              </Button>
            </Group>
          </Group>
        )
      }
    />
  );
}
