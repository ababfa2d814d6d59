import { BarChart } from '@mantine/charts';
import { SimpleGrid, Stack } from '@mantine/core';
import { Funnel, SquareKanban } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { useSettings } from '../../hooks/company/settings';
import { formatIn, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { Chart, FigureCard, LEGEND, Waiting } from './figures';
import { parametersOf, type ReportProperties, sumOf } from './report';

interface Source {
  source: string;
  leads: number;
  converted: number;
  won: number;
  lost: number;
  won_amounts: Record<string, number>;
  days_to_win: number | null;
}

const SHOWN_IN_CHART = 8;

/** Lead sources and their conversion. */
export function ConversionReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useAnswer<'conversion_report', Source[]>('conversion_report', parametersOf(period));
  const toDate = useAnswer<'conversion_report', Source[]>('conversion_report', parametersOf(comparison.now));
  const then = useAnswer<'conversion_report', Source[]>('conversion_report', parametersOf(comparison.before));
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const rows = now.data;
  const nameOf = ({ source }: Source) => source || t('reports.noSource');
  const count = (key: 'leads' | 'converted' | 'won' | 'lost', of: readonly Source[] = rows) =>
    sumOf(of, (row) => row[key]);
  const columns: FigureColumn<Source>[] = [
    {
      key: 'source',
      label: t('field.source'),
      isName: true,
      show: nameOf,
      plain: nameOf,
      foot: t('total'),
    },
    ...(['leads', 'converted', 'won', 'lost'] as const).map((key) => ({
      key,
      label: t(`reports.${key}`),
      show: (row: Source) => format.number(row[key]),
      plain: (row: Source) => row[key],
      foot: format.number(count(key)),
    })),
    {
      key: 'share',
      label: t('reports.wonShare'),
      show: (row) => shareOf(row.won, row.lost, format.percent),
      plain: (row) => (row.won + row.lost > 0 ? row.won / (row.won + row.lost) : ''),
      foot: shareOf(count('won'), count('lost'), format.percent),
    },
    {
      key: 'amount',
      label: t('reports.wonAmount'),
      show: (row) =>
        Object.entries(row.won_amounts)
          .map(([currency, amount]) => formatIn(format, currency).moneyRound(amount))
          .join(' + '),
      plain: (row) =>
        Object.entries(row.won_amounts)
          .map(([currency, amount]) => `${amount / formatIn(format, currency).scale} ${currency}`)
          .join(' + '),
    },
    {
      key: 'days',
      label: t('reports.daysToWin'),
      show: ({ days_to_win }) => (days_to_win === null ? '' : format.number(days_to_win)),
      plain: ({ days_to_win }) => days_to_win ?? '',
    },
  ];
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        {(['leads', 'converted', 'won', 'lost'] as const).map((key) => (
          <FigureCard
            key={key}
            label={t(`reports.${key}`)}
            compared={{ rows, now: toDate.data, before: then.data, versus: comparison.versus }}
            of={(some) => count(key, some)}
            show={format.number}
            goodWhen={key === 'lost' ? 'less' : 'more'}
          />
        ))}
      </SimpleGrid>
      <Chart title={t('reports.sources')} label={t('reports.inTable')} height={280}>
        <BarChart
          h="100%"
          data={rows.slice(0, SHOWN_IN_CHART).map((row) => ({
            name: nameOf(row),
            leads: row.leads,
            converted: row.converted,
            won: row.won,
          }))}
          dataKey="name"
          {...LEGEND}
          series={[
            { name: 'leads', label: t('reports.leads'), color: 'marquee.5' },
            { name: 'converted', label: t('reports.converted'), color: 'blue.6' },
            { name: 'won', label: t('reports.won'), color: 'teal.6' },
          ]}
        />
      </Chart>
      <FigureTable
        title={t('reports.figures')}
        columns={columns}
        rows={rows}
        keyOf={({ source }) => source}
        file={`conversion-${period.from}-${period.to}`}
        empty={t('reports.nothing')}
        icon={Funnel}
      />
      <Forecast />
    </Stack>
  );
}

/** Open opportunities weighted by stage probability. Always current, regardless of the period. */
function Forecast() {
  const { t } = useTranslation();
  const format = useFormat();
  const { settings } = useSettings();
  const { data, error, refetch } = useAnswer('pipeline_report', {} as never);
  if (!data) return <Waiting error={error} retry={() => void refetch()} />;
  const chanceOf = (key: string) =>
    settings.pipeline.stages.find((stage) => stage.key === key)?.probability ?? 0;
  const order = settings.pipeline.stages.map(({ key }) => key);
  const rows = data
    .map((row) => ({
      ...row,
      expected: roundMoney(row.amount * chanceOf(row.stage), settings.rounding, 0.01),
    }))
    .sort((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
  type Row = (typeof rows)[number];
  const nameOf = ({ stage }: Row) => settings.pipeline.stages.find(({ key }) => key === stage)?.name ?? stage;
  const inMoney = (key: 'amount' | 'expected') => ({
    key,
    label: t(`reports.forecast.${key}`),
    show: (row: Row) => formatIn(format, row.currency).moneyRound(row[key]),
    plain: (row: Row) => row[key] / formatIn(format, row.currency).scale,
    foot: [...Map.groupBy(rows, ({ currency }) => currency)]
      .map(([currency, ofIt]) => formatIn(format, currency).moneyRound(sumOf(ofIt, (row) => row[key])))
      .join(' + '),
  });
  return (
    <FigureTable
      title={t('reports.forecast.title')}
      rows={rows}
      keyOf={({ stage, currency }) => `${stage} ${currency}`}
      file="forecast"
      empty={t('reports.nothing')}
      icon={SquareKanban}
      columns={[
        {
          key: 'stage',
          label: t('field.stage'),
          isName: true,
          show: nameOf,
          plain: nameOf,
          foot: t('total'),
        },
        {
          key: 'deals',
          label: t('tab.deals'),
          show: ({ deals }) => format.number(deals),
          plain: ({ deals }) => deals,
          foot: format.number(sumOf(rows, ({ deals }) => deals)),
        },
        {
          key: 'chance',
          label: t('field.probability'),
          show: ({ stage }) => format.percent(chanceOf(stage) / 100),
          plain: ({ stage }) => chanceOf(stage) / 100,
        },
        inMoney('amount'),
        inMoney('expected'),
      ]}
    />
  );
}

function shareOf(part: number, rest: number, words: (share: number) => string): string {
  return part + rest > 0 ? words(part / (part + rest)) : '';
}
