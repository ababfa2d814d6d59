import { Button, Code, Group, Select, Stack, Text } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobAnswer, JobQueueAnswer } from '@/server/operator/jobs';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';

const STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'] as const;
const TONES: Record<JobAnswer['state'], Tone> = {
  created: 'neutral',
  retry: 'warning',
  active: 'busy',
  completed: 'good',
  cancelled: 'neutral',
  failed: 'bad',
};

/** Background work: the queues, and their latest jobs. */
export function JobsScreen() {
  const { t } = useTranslation();
  const [queue, setQueue] = useState<string | null>(null);
  const [state, setState] = useState<string | null>(null);
  const queues = useOperatorQuery<{ queues: JobQueueAnswer[] }>('jobs', '/jobs/queues', { everyMs: 5_000 });
  const filter = `${queue ? ` --queue ${queue}` : ''}${state ? ` --state ${state}` : ''}`;
  return (
    <>
      <PageHeader title={t('jobs.title')} subtitle={t('jobs.subtitle')} />
      <Stack gap="lg">
        <Panel title={t('jobs.queues')}>
          <QueryView query={queues}>
            {(answer) => (
              <Rows
                label={t('jobs.queues')}
                rows={answer.queues}
                keyOf={(one) => one.queue}
                empty={<EmptyState small icon={ListChecks} title={t('jobs.noQueues')} />}
                columns={[
                  {
                    label: t('jobs.queue'),
                    cell: (one: JobQueueAnswer) => (
                      <Button size="compact-xs" variant="subtle" onClick={() => setQueue(one.queue)}>
                        {one.queue}
                      </Button>
                    ),
                  },
                  { label: t('jobs.cron'), nowrap: true, cell: ({ cron }) => cron && <Code>{cron}</Code> },
                  { label: t('jobs.waiting'), align: 'right', cell: ({ waiting }) => waiting },
                  { label: t('jobs.active'), align: 'right', cell: ({ active }) => active },
                  {
                    ...{ label: t('jobs.failed'), align: 'right' },
                    cell: ({ failed }) => (failed > 0 ? <State tone="bad">{String(failed)}</State> : 0),
                  },
                  {
                    ...{ label: t('jobs.lastCompleted'), nowrap: true },
                    cell: (one) => <Ago at={one.lastCompletedAt} />,
                  },
                  {
                    ...{ label: t('jobs.lastFailed'), nowrap: true },
                    cell: (one) => <Ago at={one.lastFailedAt} />,
                  },
                ]}
              />
            )}
          </QueryView>
        </Panel>
        <Panel title={t('jobs.latest')}>
          <Group mb="sm" gap="sm">
            <Select
              clearable
              searchable
              aria-label={t('jobs.queue')}
              placeholder={t('jobs.allQueues')}
              data={queues.data?.queues.map((one) => one.queue) ?? []}
              value={queue}
              onChange={setQueue}
            />
            <Select
              clearable
              aria-label={t('jobs.state')}
              placeholder={t('jobs.allStates')}
              data={STATES.map((value) => ({ value, label: t(`jobs.states.${value}`) }))}
              value={state}
              onChange={setState}
            />
          </Group>
          <Jobs queue={queue} state={state} />
        </Panel>
      </Stack>
      <Command text={`marquee jobs list${filter}`} />
    </>
  );
}

function Jobs({ queue, state }: { queue: string | null; state: string | null }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, setOpened] = useState<string>();
  const query = useOperatorQuery<{ jobs: JobAnswer[] }>('jobs', '/jobs', {
    parameters: { queue: queue ?? undefined, state: state ?? undefined },
    everyMs: 5_000,
  });
  const change = useOperatorChange(['jobs']);
  return (
    <QueryView query={query}>
      {({ jobs }) => (
        <Stack gap="sm">
          <Rows
            label={t('jobs.latest')}
            rows={jobs}
            keyOf={({ id }) => id}
            empty={<EmptyState small icon={ListChecks} title={t('jobs.none')} />}
            columns={[
              {
                label: t('jobs.job'),
                cell: ({ id }: JobAnswer) => (
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    aria-expanded={opened === id}
                    onClick={() => setOpened(opened === id ? undefined : id)}
                  >
                    {id.slice(0, 8)}
                  </Button>
                ),
              },
              { label: t('jobs.queue'), cell: (one) => one.queue },
              {
                label: t('jobs.state'),
                cell: (one) => <State tone={TONES[one.state]}>{t(`jobs.states.${one.state}`)}</State>,
              },
              { label: t('jobs.attempts'), align: 'right', cell: ({ attempts }) => attempts },
              { label: t('jobs.created'), nowrap: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
              { label: t('jobs.ended'), nowrap: true, cell: (one) => <Ago at={one.completedAt} /> },
              {
                label: t('jobs.problem'),
                cell: (one) =>
                  (one.state === 'failed' || one.state === 'retry') && String(one.output?.message ?? ''),
              },
              {
                label: t('jobs.actions'),
                cell: ({ id, ...one }) =>
                  may('service.change') && (
                    <>
                      {(one.state === 'failed' || one.state === 'cancelled') && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => change.mutate({ path: `/jobs/${id}/retry` })}
                        >
                          {t('jobs.retry')}
                        </Button>
                      )}
                      {['created', 'retry', 'active'].includes(one.state) && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => change.mutate({ path: `/jobs/${id}/cancel` })}
                        >
                          {t('jobs.cancel')}
                        </Button>
                      )}
                    </>
                  ),
              },
            ]}
          />
          {jobs
            .filter(({ id }) => id === opened)
            .map(({ id, data, output }) => (
              <Stack key={id} gap={4}>
                <Text size="sm" fw={600}>
                  {id}
                </Text>
                <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {JSON.stringify({ data, output }, null, 2)}
                </Code>
                <Command text={`marquee jobs show ${id.slice(0, 8)}`} />
              </Stack>
            ))}
        </Stack>
      )}
    </QueryView>
  );
}
