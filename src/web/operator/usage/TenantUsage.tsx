import { SegmentedControl, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import type { UsagePage } from '@/server/operator/usage/usage';
import { Facts } from '../../ui/Facts';
import { Lines, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { useNow } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useOperatorQuery } from '../queries';
import { PERIODS, type PeriodName, pointsOf } from './usage-hours';

const UsageCharts = lazy(() => import('./UsageCharts'));
const EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a tenant used, by hour or by day, beside the limit that use runs into first. */
export function TenantUsage({ tenant: { id, subdomain, limits } }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const now = useNow();
  const [period, setPeriod] = useState<PeriodName>('week');
  const { granularity, days } = PERIODS[period];
  // By the hour, so that the question stays the same while the page is open.
  const from = new Date(Math.floor(now / 3_600_000) * 3_600_000 - days * DAY_MS).toISOString();
  const query = useOperatorQuery<UsagePage>('cost', '/usage', {
    ...{ parameters: { tenant: id, granularity, from: `${from.slice(0, 16)}Z` }, everyMs: EVERY_MS },
  });
  const limit = limits.find(({ key }) => key === 'max')?.value;
  return (
    <Panel
      title={t('usage.title')}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t('usage.period')}
          value={period}
          onChange={(value) => setPeriod(value as PeriodName)}
          data={Object.keys(PERIODS).map((value) => ({ value, label: t(`usage.periods.${value}`) }))}
        />
      }
    >
      <QueryView query={query} lines={6}>
        {(answer) => {
          const points = pointsOf(answer);
          const seconds = points.reduce((sum, point) => sum + point.querySeconds, 0);
          const length = (new Date(answer.asOf).getTime() - new Date(answer.from).getTime()) / 1000;
          if (answer.tenants.length === 0)
            return (
              <Text size="sm" c="dimmed">
                {t('usage.none')}
              </Text>
            );
          return (
            <>
              <Suspense fallback={<Lines count={6} />}>
                <UsageCharts points={points} isHourly={granularity === 'hourly'} />
              </Suspense>
              <Facts
                facts={[
                  [
                    t('usage.atWork'),
                    t('usage.atWorkOf', {
                      used: format.fine(seconds / Math.max(length, 1)),
                      limit: format.number(Number(limit)),
                    }),
                  ],
                ]}
              />
              <Text size="xs" c="dimmed" mt="xs">
                {t('usage.asOf', { when: format.moment(answer.asOf) })}{' '}
                {answer.lateProcesses > 0 && t('usage.late')}
              </Text>
            </>
          );
        }}
      </QueryView>
      <Command text={`marquee usage show ${subdomain} --granularity ${granularity}`} />
    </Panel>
  );
}
