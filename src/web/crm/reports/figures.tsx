import '@mantine/charts/styles.css';
import { Box, SegmentedControl, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Comparison } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { Deferred } from '../../ui/Deferred';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatCard } from '../../ui/StatCard';
import type { Compared, CurrencyChoice } from './report';

/** A change by more than this says less than the figures themselves: it is given by the earlier figure. */
const LARGEST_SHARE = 2;

interface ChangeProperties {
  now: number | undefined;
  before: number | undefined;
  versus: Comparison['versus'];
  /** Formats the figure. */
  show: (value: number) => string;
  goodWhen?: 'more' | 'less';
  /** The figure is a share itself: a percentage of it would be misread. */
  isShare?: boolean;
}

/**
 * Change of a figure against the previous period, in words: “up 12% vs last year”, or “up from $80 last year” where a percentage
 * would be absurd. @param goodWhen `less` if a lower figure is better
 */
export function Change({ now, before, versus, show, goodWhen = 'more', isShare = false }: ChangeProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  if (now === undefined || before === undefined) return null;
  if (now === before) return <>{t('reports.same', { versus: t(`reports.versus.${versus}`) })}</>;
  const direction = now > before ? 'up' : 'down';
  const share = Math.abs(now - before) / before;
  const byShare = !isShare && before > 0 && now >= 0 && share <= LARGEST_SHARE;
  const isGood = (direction === 'up') === (goodWhen === 'more');
  return (
    <Text span inherit c={isGood ? 'var(--marquee-good)' : 'var(--marquee-bad)'} fw={500}>
      {t(`reports.${direction}${byShare ? '' : 'From'}`, {
        share: format.percent(share),
        before: show(before),
        versus: t(`reports.versus.${versus}`),
      })}
    </Text>
  );
}

/** A figure of a period with its change against the previous one. @param of aggregates the rows of a period */
export function FigureCard<Row>({
  label,
  compared: { rows, now, before, versus },
  of,
  ...how
}: Pick<ChangeProperties, 'show' | 'goodWhen' | 'isShare'> & {
  label: string;
  compared: Compared<Row>;
  of: (rows: readonly Row[]) => number;
}) {
  return (
    <StatCard
      label={label}
      value={how.show(of(rows))}
      note={<Change now={now && of(now)} before={before && of(before)} versus={versus} {...how} />}
    />
  );
}

/**
 * A chart that fills its container.
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
  return (
    <Panel title={title}>
      <Box role="img" aria-label={label} h={height}>
        <Deferred>{children}</Deferred>
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
