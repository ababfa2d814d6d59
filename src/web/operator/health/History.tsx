import { LineChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { useTranslation } from 'react-i18next';
import type { SourceHealthHistory } from '@/server/operator/health/health';
import { useConsoleFormat } from '../format';

/** A measure over time: its average and its highest value. Loaded with its library when it is shown. */
export default function History({
  samples,
  measure,
  label,
}: {
  samples: SourceHealthHistory['samples'];
  measure: string;
  /** The measure in words. */
  label: string;
}) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const data = samples.map(({ at, measures }) => ({
    at: format.moment(at),
    avg: measures[measure]?.avg ?? null,
    max: measures[measure]?.max ?? null,
  }));
  return (
    <LineChart
      h={240}
      data={data}
      dataKey="at"
      withDots={false}
      withLegend
      connectNulls={false}
      valueFormatter={(value) => format.measure(measure, value)}
      series={[
        { name: 'avg', label: t('sourceHealth.average'), color: 'blue.6' },
        { name: 'max', label: t('sourceHealth.highest'), color: 'orange.6' },
      ]}
      lineChartProps={{ 'aria-label': label } as object}
    />
  );
}
