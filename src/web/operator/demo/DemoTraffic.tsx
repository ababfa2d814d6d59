import { Group, SimpleGrid, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DemoTrafficAnswer } from '@/server/operator/demo-traffic';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { Tour } from './Tour';

/** The switch of demo traffic, its counts and the tour. Nothing on a real installation. */
export function DemoTraffic({ only }: { only?: string }) {
  const { t } = useTranslation();
  const { second, number } = useConsoleFormat();
  const may = useMay();
  const { data } = useOperatorQuery<DemoTrafficAnswer>('demo', '/demo-traffic');
  const change = useOperatorChange<DemoTrafficAnswer, { on: boolean }>(['demo']);
  if (!data?.isOffered) return null;
  const isOn = data.endsAt !== null;
  const shown = data.tenants.filter(({ subdomain }) => only === undefined || subdomain === only);
  return (
    <>
      {only === undefined && <Tour isTrafficOn={isOn} />}
      <Panel
        title={t('demo.traffic')}
        aside={
          may('moves.change') && (
            <Switch
              aria-label={t('demo.traffic')}
              checked={isOn}
              disabled={change.isPending}
              onChange={(event) =>
                change.mutate({
                  method: 'PUT',
                  path: '/demo-traffic',
                  body: { on: event.currentTarget.checked },
                })
              }
            />
          )
        }
      >
        <Text size="sm" c="dimmed">
          {isOn ? t('demo.until', { until: second(data.endsAt) }) : t('demo.trafficText')}
        </Text>
        {shown.length > 0 && (
          <SimpleGrid cols={{ base: 1, xs: 2, sm: 3, lg: 6 }} spacing="sm" mt="xs">
            {shown.map(({ subdomain, reads, writes, failed, slowestMs, lastError }) => (
              <div key={subdomain} title={lastError ?? undefined}>
                <Text size="sm" fw={600}>
                  {subdomain}
                </Text>
                <Group gap={4}>
                  <Text size="xs">
                    {t('demo.requests')}: {number(reads + writes)}
                  </Text>
                  <Text size="xs" c={failed > 0 ? 'var(--mantine-color-red-light-color)' : 'dimmed'}>
                    {t('demo.failed')}: {number(failed)}
                  </Text>
                </Group>
                <Text size="xs">
                  {t('demo.slowest')}: {t('demo.ms', { count: slowestMs })}
                </Text>
              </div>
            ))}
          </SimpleGrid>
        )}
      </Panel>
    </>
  );
}
