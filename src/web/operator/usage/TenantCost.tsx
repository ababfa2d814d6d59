import { Button, Group, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenantCosts } from '@/server/operator/usage/tenant-cost';
import { Lines, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { BudgetDialog } from './BudgetDialog';

const CostChart = lazy(() => import('./CostChart'));
const EVERY_MS = 60_000;
const TONES = { ok: 'good', near: 'warning', over: 'bad' } as const;

/** What a tenant costs by month, and its budget. */
export function TenantCost({ tenant }: { tenant: { name: string; subdomain: string } }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const may = useMay()('usage.change');
  const [isChanging, setChanging] = useState(false);
  const { name, subdomain } = tenant;
  const query = useOperatorQuery<TenantCosts>('cost', `/cost/tenants/${subdomain}`, { everyMs: EVERY_MS });
  return (
    <Panel title={t('usage.cost')}>
      <QueryView query={query} lines={4}>
        {({ months, budget }) => (
          <>
            <Group gap="xs" mb="sm">
              <Text size="sm" fw={600}>
                {t('usage.budget')}
              </Text>
              {budget ? (
                <State tone={TONES[budget.level]}>
                  {`${t('usage.spent', { ...budget })} (${format.percent(budget.share)})`}
                </State>
              ) : (
                <Text size="sm" c="dimmed">
                  {t('usage.noBudget')}
                </Text>
              )}
              {may && (
                <Button size="compact-xs" variant="default" onClick={() => setChanging(true)}>
                  {t(budget ? 'usage.changeBudget' : 'usage.setBudget')}
                </Button>
              )}
            </Group>
            {months.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('usage.noCost')}
              </Text>
            ) : (
              <Suspense fallback={<Lines count={4} />}>
                <CostChart months={months} />
              </Suspense>
            )}
            {months.at(-1)?.estimated && (
              <Text size="xs" c="dimmed">
                {t('usage.estimated')}
              </Text>
            )}
            {isChanging && (
              <BudgetDialog tenant={{ name, subdomain }} budget={budget} onClose={() => setChanging(false)} />
            )}
          </>
        )}
      </QueryView>
      <Command text={`marquee cost show --tenant ${subdomain} --estimate`} />
      <Command text={`marquee cost budget set ${subdomain} AMOUNT`} />
    </Panel>
  );
}
