import { AreaChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useConsoleFormat } from '../format';
import type { UsagePoint } from './usage-hours';

interface Series {
  name: keyof UsagePoint;
  label: string;
  color: string;
}

/** Statements, rows, bytes and storage over time. Loaded with its library when it is shown. */
export default function UsageCharts({
  points,
  isHourly,
}: {
  points: readonly UsagePoint[];
  isHourly: boolean;
}) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const data = points.map((point) => ({
    ...point,
    at: isHourly ? format.moment(point.at) : point.at.slice(0, 10),
  }));
  const one = (name: 'statements' | 'rows'): Series[] => [
    { name, label: t(`usage.${name}`), color: 'blue.6' },
  ];
  const charts: [title: string, series: Series[], format: (value: number) => string][] = [
    [t('usage.statements'), one('statements'), format.number],
    [t('usage.rows'), one('rows'), format.number],
    [
      t('usage.bytes'),
      [
        { name: 'bytesIn', label: t('usage.in'), color: 'blue.6' },
        { name: 'bytesOut', label: t('usage.out'), color: 'orange.6' },
      ],
      format.bytes,
    ],
    [
      t('usage.storage'),
      [
        { name: 'database', label: t('usage.database'), color: 'blue.6' },
        { name: 'files', label: t('usage.files'), color: 'teal.6' },
        { name: 'backups', label: t('usage.backups'), color: 'gray.6' },
      ],
      format.bytes,
    ],
  ];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {charts.map(([title, series, valueFormatter]) => (
        <figure key={title} style={{ margin: 0, minWidth: 0 }}>
          <Text component="figcaption" size="sm" fw={600} mb="xs">
            {title}
          </Text>
          <AreaChart
            h={170}
            data={data}
            dataKey="at"
            withDots={false}
            withLegend={series.length > 1}
            curveType="linear"
            valueFormatter={valueFormatter}
            yAxisProps={{ width: 64 }}
            series={series as { name: string; label: string; color: string }[]}
          />
        </figure>
      ))}
    </SimpleGrid>
  );
}
