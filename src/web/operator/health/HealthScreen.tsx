import { Button, Group, Stack, Text } from '@mantine/core';
import { HeartPulse } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourceHealthAnswer } from '@/server/operator/health/health';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { HealthState } from './HealthState';
import { Thresholds } from './Thresholds';

/** Data sources shown at first, and added each time. */
const SHOWN = 50;

/** Data sources with their states, the worst first. */
export function HealthScreen() {
  const { t } = useTranslation();
  const say = useMessage();
  const [limit, setLimit] = useState(SHOWN);
  const query = useOperatorQuery<{ sources: SourceHealthAnswer[] }>('health', '/health', {
    parameters: { limit },
    everyMs: 5_000,
  });
  return (
    <>
      <PageHeader title={t('sourceHealth.title')} />
      <Stack gap="lg">
        <QueryView query={query}>
          {({ sources }) => (
            <Rows
              label={t('sourceHealth.title')}
              rows={sources}
              keyOf={({ id }) => id}
              empty={<EmptyState icon={HeartPulse} title={t('sourceHealth.none')} />}
              columns={[
                {
                  ...{ label: t('sourceHealth.source'), nowrap: true },
                  cell: ({ name }: SourceHealthAnswer) => <LinkTo to={`/health/${name}`}>{name}</LinkTo>,
                },
                {
                  ...{ label: t('sourceHealth.state'), nowrap: true },
                  cell: ({ state, since }) => (
                    <Group gap="xs" wrap="nowrap">
                      <HealthState state={state} />
                      {state !== 'unknown' && (
                        <Text size="xs" c="dimmed">
                          <Ago at={since} />
                        </Text>
                      )}
                    </Group>
                  ),
                },
                {
                  label: t('sourceHealth.probed'),
                  nowrap: true,
                  cell: ({ probedAt }) => (probedAt ? <Ago at={probedAt} /> : t('sourceHealth.never')),
                },
                {
                  ...{ label: t('sourceHealth.cause'), isText: true },
                  cell: ({ findings: [first] }) =>
                    first &&
                    `${say({ code: `causes.${first.cause}.title` }, first.title)}. ${say(first.said, first.evidence)}`,
                },
              ]}
            />
          )}
        </QueryView>
        {query.data?.sources.length === limit && (
          <Button variant="default" onClick={() => setLimit(limit + SHOWN)}>
            {t('sourceHealth.more')}
          </Button>
        )}
        <Thresholds />
      </Stack>
      <Command text="marquee health" />
    </>
  );
}
