import { Alert, Button, Group, Stack, Text, Timeline } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SchemaRolloutWhole } from '@/server/operator/schema/rollouts';
import { FormError } from '../../ui/FormError';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage, useMessage } from '../server-messages/use-message';
import { STEP_TONES } from './step-tones';

type Source = SchemaRolloutWhole['sources'][number];

const TONES: Record<Source['state'], Tone> = {
  waiting: 'neutral',
  pinned: 'warning',
  running: 'busy',
  expanded: 'busy',
  done: 'good',
  failed: 'bad',
  skipped: 'neutral',
};

/** One rollout: its waves on a timeline, why it has halted, and what can be done with it. */
export function Rollout({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useOperatorQuery<SchemaRolloutWhole>('schema', `/schema-rollouts/${id}`);
  return <QueryView query={query}>{(whole) => <Whole {...whole} title={t('schema.rollout')} />}</QueryView>;
}

function Whole({ rollout, sources, events, title }: SchemaRolloutWhole & { title: string }) {
  const { t } = useTranslation();
  const say = useMessage();
  const sayFailure = useFailureMessage();
  const format = useConsoleFormat();
  const may = useMay();
  const change = useOperatorChange(['schema', 'tasks'], { showsFailure: true });
  const [isCancelling, setCancelling] = useState(false);
  const { step, failed, toVersion, waves, wave, phase, waitsFor, waitsForSays, finishedAt } = rollout;
  const mayChange = may('service.migrate') && !finishedAt;
  const pathOf = (path: string) => `/schema-rollouts/open${path}?rollout=${rollout.id}`;
  const open = (path: string, body?: object) => change.mutate({ path: pathOf(path), body });
  const cancel = () => {
    change.reset();
    setCancelling(true);
  };
  return (
    <Panel
      title={`${title} ${toVersion}`}
      aside={<State tone={STEP_TONES[step]}>{t(`schema.steps.${step}`)}</State>}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('schema.startedBy', { name: rollout.requestedByName })} <Ago at={rollout.createdAt} /> ·{' '}
          {t(`schema.phases.${phase}`)}
        </Text>
        {failed && step === 'halted' && (
          <Alert color="red" title={t('schema.haltedAt', { source: failed.source })} role="alert">
            <Text size="sm">{sayFailure(failed)}</Text>
            <Text size="sm">{t(`schema.gates.${failed.gate}`)}</Text>
          </Alert>
        )}
        {waitsFor && (
          <Alert color="yellow">{t('schema.waitsFor', { what: say(waitsForSays, waitsFor) })}</Alert>
        )}
        {!isCancelling && <FormError error={change.error} />}
        {mayChange && (
          <Group gap="xs">
            {step === 'halted' && (
              <Button size="compact-sm" loading={change.isPending} onClick={() => open('/resume', {})}>
                {t('schema.resume')}
              </Button>
            )}
            <Button size="compact-sm" variant="default" color="red" onClick={cancel}>
              {t('schema.cancel')}
            </Button>
          </Group>
        )}
        <Timeline active={finishedAt ? waves.length : wave} bulletSize={18} lineWidth={2}>
          {waves.map((name, index) => {
            const own = sources.filter((source) => source.wave === index);
            const done = own.filter(({ state }) => state === 'done' || state === 'expanded').length;
            return (
              <Timeline.Item key={name} title={name}>
                <Text size="sm">{t('schema.waveDone', { done, count: own.length })}</Text>
              </Timeline.Item>
            );
          })}
        </Timeline>
        <Rows
          label={t('schema.databases')}
          rows={sources}
          keyOf={({ name }) => name}
          empty={null}
          columns={[
            { label: t('schema.source'), cell: ({ name }: Source) => name },
            { label: t('schema.wave'), cell: (source) => waves[source.wave] },
            {
              label: t('schema.state'),
              cell: ({ state, problem }) => (
                <>
                  <State tone={TONES[state]}>{t(`schema.sourceStates.${state}`)}</State>
                  {problem && <Text size="xs">{sayFailure(problem)}</Text>}
                </>
              ),
            },
            {
              label: t('schema.version'),
              nowrap: true,
              cell: ({ fromVersion, version }) => `${fromVersion ?? '–'} → ${version ?? '…'}`,
            },
            {
              label: t('schema.took'),
              align: 'right',
              nowrap: true,
              cell: ({ tookMs }) => (tookMs === null ? '' : `${format.number(tookMs / 1000)} s`),
            },
            {
              label: t('schema.actions'),
              cell: ({ name, state }) =>
                mayChange && (
                  <Group gap="xs" wrap="nowrap">
                    {(state === 'failed' || state === 'skipped') && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => open(`/sources/${name}/retry`)}
                      >
                        {t('schema.retry')}
                      </Button>
                    )}
                    {['failed', 'waiting', 'pinned', 'expanded'].includes(state) && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => open(`/sources/${name}/skip`)}
                      >
                        {t('schema.skip')}
                      </Button>
                    )}
                  </Group>
                ),
            },
          ]}
        />
        <details>
          <summary>{t('schema.events')}</summary>
          <Stack gap={2} mt="xs">
            {events.map(({ at, event, detail }) => (
              <Text key={`${at} ${event}`} size="xs">
                {format.second(at)} · {t(`schema.steps.${event}`, { defaultValue: event })}
                {typeof detail.wave === 'string' ? ` · ${detail.wave}` : ''}
              </Text>
            ))}
          </Stack>
        </details>
      </Stack>
      <Command text={`marquee migrate status ${rollout.id}`} />
      {isCancelling && (
        <ConfirmByName
          title={t('schema.cancel')}
          name={String(toVersion)}
          consequences={[
            t('schema.cancelling.stay'),
            t('schema.cancelling.running'),
            t('schema.cancelling.again'),
          ]}
          action={t('schema.cancel')}
          isPending={change.isPending}
          error={change.error}
          onClose={() => setCancelling(false)}
          onConfirm={() =>
            change.mutate(
              { path: pathOf('/cancel'), body: { confirm: String(toVersion) } },
              { onSuccess: () => setCancelling(false) },
            )
          }
        />
      )}
    </Panel>
  );
}
