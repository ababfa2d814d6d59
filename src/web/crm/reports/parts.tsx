import '@mantine/charts/styles.css';
import { Box, SegmentedControl, Text } from '@mantine/core';
import { type ReactNode, useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatCard } from '../../ui/StatCard';
import type { CurrencyChoice } from './report';

/** Change of a figure against the previous period. @param goodWhen `less` if a lower figure is better */
export function Change({
  now,
  before,
  goodWhen = 'more',
}: {
  now: number;
  before: number | undefined;
  goodWhen?: 'more' | 'less';
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (before === undefined) return null;
  if (before === 0 || now === before) {
    return <>{t(now === before ? 'reports.asBefore' : 'reports.nothingBefore')}</>;
  }
  const share = (now - before) / Math.abs(before);
  const isGood = share > 0 === (goodWhen === 'more');
  return (
    <Text span inherit c={isGood ? 'var(--marquee-good)' : 'var(--marquee-bad)'} fw={600}>
      {share > 0 ? '▲' : '▼'} {format.percent(Math.abs(share))}{' '}
      <Text span inherit c="dimmed" fw={400}>
        {t('reports.thanBefore')}
      </Text>
    </Text>
  );
}

/** A figure of a period with its change against the previous one. @param show formats the figure */
export function FigureCard<Row>({
  label,
  now,
  before,
  of,
  show,
  goodWhen,
}: {
  label: string;
  now: readonly Row[];
  before: readonly Row[] | undefined;
  /** Aggregates the rows of a period. */
  of: (rows: readonly Row[]) => number;
  show: (value: number) => string;
  goodWhen?: 'more' | 'less';
}) {
  return (
    <StatCard
      label={label}
      value={show(of(now))}
      note={<Change now={of(now)} before={before && of(before)} {...(goodWhen ? { goodWhen } : {})} />}
    />
  );
}

/**
 * A chart that fills its container. Rendered deferred, because it takes as long as the rest of a screen.
 *
 * @param label text alternative for screen readers; the table below has all figures
 */
export function Chart({
  title,
  label,
  height,
  children,
}: {
  title: string;
  label: string;
  height: number;
  children: ReactNode;
}) {
  const isDrawn = useDeferredValue(true, false);
  return (
    <Panel title={title}>
      <Box role="img" aria-label={label} h={height}>
        {isDrawn && children}
      </Box>
    </Panel>
  );
}

/** The legend, in the order of the bars. */
export const LEGEND = { withLegend: true, legendProps: { itemSorter: null } } as const;

/** Shown if there is more than one currency. */
export function CurrencySwitch({ choice }: { choice: CurrencyChoice }) {
  const { t } = useTranslation();
  if (choice.currencies.length < 2) return null;
  return (
    <SegmentedControl
      size="xs"
      mb="md"
      aria-label={t('reports.currency')}
      data={choice.currencies}
      value={choice.currency}
      onChange={choice.choose}
    />
  );
}

/** Loading or error state of a report. */
export function Waiting({ error, retry }: { error: Error | null; retry: () => void }) {
  if (error) return <Failed error={error} retry={retry} />;
  return (
    <Panel>
      <Lines count={8} />
    </Panel>
  );
}
