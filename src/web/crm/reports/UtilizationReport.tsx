import { BarChart } from '@mantine/charts';
import { Progress, SimpleGrid, Stack } from '@mantine/core';
import { Package } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import type { Period } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { FigureTable } from '../../ui/FigureTable';
import { Chart, FigureCard, Waiting } from './figures';
import { parametersOf, type ReportProperties, sumOf } from './report';

const KINDS = ['booth', 'equipment', 'person'] as const;
const SHOWN_IN_CHART = 12;

interface Used {
  kind: string;
  thing_id: string;
  name: string | null;
  type_name: string | null;
  booked: number;
  available: number;
}

/** Booked days of booths, equipment and people, relative to available days. */
export function UtilizationReport({ period, comparison }: ReportProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf: personOf, crew } = usePeople();
  const people = JSON.stringify(crew);
  const now = useUse(period, people);
  const toDate = useUse(comparison.now, people);
  const then = useUse(comparison.before, people);
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const of = (rows: readonly Used[], kind: string) => rows.filter((row) => row.kind === kind);
  const nameOf = (row: Used) => row.name ?? personOf(row.thing_id);
  const booths = of(now.data, 'booth');
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 3 }}>
        {KINDS.map((kind) => {
          const rows = of(now.data, kind);
          return (
            <FigureCard
              key={kind}
              label={t(`reports.use.${kind}`)}
              compared={{
                rows,
                now: toDate.data && of(toDate.data, kind),
                before: then.data && of(then.data, kind),
                versus: comparison.versus,
              }}
              of={shareOf}
              show={format.percent}
              isShare
            />
          );
        })}
      </SimpleGrid>
      <Chart
        title={t('reports.use.booth')}
        label={t('reports.inTable')}
        height={Math.max(160, Math.min(booths.length, SHOWN_IN_CHART) * 34 + 40)}
      >
        <BarChart
          h="100%"
          data={booths.slice(0, SHOWN_IN_CHART).map((row) => ({ name: nameOf(row), booked: row.booked }))}
          dataKey="name"
          orientation="vertical"
          yAxisProps={{ width: 120 }}
          series={[{ name: 'booked', label: t('reports.daysBooked'), color: 'blue.6' }]}
        />
      </Chart>
      {KINDS.map((kind) => {
        const rows = of(now.data, kind);
        return (
          <FigureTable
            key={kind}
            title={t(`reports.use.${kind}`)}
            rows={rows}
            keyOf={({ thing_id }) => thing_id}
            file={`utilisation-${kind}-${period.from}-${period.to}`}
            empty={t('reports.nothing')}
            icon={Package}
            columns={[
              {
                key: 'name',
                label: t('field.name'),
                isName: true,
                show: nameOf,
                plain: nameOf,
                foot: t('total'),
              },
              ...(kind === 'person'
                ? []
                : [
                    {
                      key: 'type',
                      label: t('field.type'),
                      isName: true,
                      show: (row: Used) => row.type_name ?? '',
                      plain: (row: Used) => row.type_name ?? '',
                    },
                  ]),
              {
                key: 'booked',
                label: t('reports.daysBooked'),
                show: ({ booked }) => format.number(booked),
                plain: ({ booked }) => booked,
                foot: format.number(sumOf(rows, ({ booked }) => booked)),
              },
              {
                key: 'available',
                label: t('reports.daysAvailable'),
                show: ({ available }) => format.number(available),
                plain: ({ available }) => available,
                foot: format.number(sumOf(rows, ({ available }) => available)),
              },
              {
                key: 'share',
                label: t('reports.share'),
                show: (row) => <Share value={shareOf([row])} label={nameOf(row)} />,
                plain: (row) => shareOf([row]),
                foot: format.percent(shareOf(rows)),
              },
            ]}
          />
        );
      })}
    </Stack>
  );
}

function Share({ value, label }: { value: number; label: string }) {
  const format = useFormat();
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 10 }}>
      <Progress value={Math.min(100, value * 100)} w={70} color="blue.6" aria-label={label} />
      <span style={{ minWidth: 48, textAlign: 'end' }}>{format.percent(value)}</span>
    </span>
  );
}

function shareOf(rows: readonly Used[]): number {
  const available = sumOf(rows, (row) => row.available);
  return available > 0 ? sumOf(rows, (row) => row.booked) / available : 0;
}

function useUse(period: Period, people: string) {
  return useAnswer<'utilisation_report', Used[]>('utilisation_report', { ...parametersOf(period), people });
}
