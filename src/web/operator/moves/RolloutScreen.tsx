import { Alert, Button, Text, Timeline } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RolloutAnswer } from '@/server/operator/moves/rollouts';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { stateOf, stateOfRollout } from './states';

type Tenant = RolloutAnswer['tenants'][number];
type Given = RolloutAnswer['wanted'];

/** One rollout: its waves on a timeline, with each tenant's move. */
export function RolloutScreen() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  // Steps of its moves are announced as moves.
  const query = useOperatorQuery<RolloutAnswer>('rollouts', `/rollouts/${id}`, { also: ['moves'] });
  return (
    <>
      {!query.data && (
        <PageHeader
          title={t('moves.tabs.rollouts')}
          back={{ to: '/moves?tab=rollouts', label: t('moves.title') }}
        />
      )}
      <QueryView query={query}>{(rollout) => <Shown rollout={rollout} />}</QueryView>
    </>
  );
}

function Shown({ rollout }: { rollout: RolloutAnswer }) {
  const { t } = useTranslation();
  const say = useMessage();
  const { second } = useConsoleFormat();
  const { tone, label } = stateOfRollout(rollout, t);
  const { failed, step, stepSince, soakMs, waves, wave, tenants, events } = rollout;
  const until = new Date(new Date(stepSince).getTime() + soakMs).toISOString();
  return (
    <>
      <PageHeader
        title={t('moves.rollouts.to', rollout)}
        back={{ to: '/moves', label: t('moves.title') }}
        subtitle={t('moves.rollouts.from', { from: rollout.from.join(', ') })}
        badge={<State tone={tone}>{label}</State>}
        actions={<Commands rollout={rollout} />}
      />
      {failed && (
        <Alert
          color="red"
          role="alert"
          mb="md"
          title={t('moves.rollouts.failed', { gate: t(`moves.rollouts.gates.${failed.gate}`, failed.gate) })}
        >
          {failed.tenant && <b>{failed.tenant}: </b>}
          {say(failed.says, failed.message)}
        </Alert>
      )}
      {step === 'soaking' && (
        <Text role="status" mb="md">
          {t('moves.rollouts.soak', { until: second(until) })}
        </Text>
      )}
      <Panel title={t('moves.rollouts.timeline')}>
        <Timeline active={rollout.finishedAt ? waves.length : wave} bulletSize={18}>
          {waves.map((name, at) => (
            <Timeline.Item key={name} title={name}>
              {tenants
                .filter((tenant) => tenant.wave === at)
                .map((tenant) => (
                  <OneTenant key={tenant.tenantId} tenant={tenant} />
                ))}
            </Timeline.Item>
          ))}
        </Timeline>
      </Panel>
      <Panel title={t('moves.rollouts.events')}>
        {events.toReversed().map(({ at, wave: of, event, detail, says }) => (
          <Text key={`${at} ${event}`} size="sm">
            <Text span c="dimmed" ff="monospace" size="xs" mr="sm">
              {second(at)}
            </Text>
            {waves[of]}:{' '}
            {t([`moves.rollouts.happened.${event}`, `moves.rollouts.steps.${event}`], {
              ...detail,
              count: Number(detail.tenants ?? 0),
              command: t(`moves.rollouts.commands.${detail.command}`),
              gate: t(`moves.rollouts.gates.${detail.gate}`),
              why: event === 'gate_failed' ? say(says, String(detail.message)) : '',
              defaultValue: event,
            })}
          </Text>
        ))}
      </Panel>
      <Command text={`marquee rollout status ${rollout.id}`} />
    </>
  );
}

function OneTenant({ tenant: { tenant, skipped, skippedSays, move } }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const say = useMessage();
  const state = move && stateOf(move, t);
  return (
    <Text size="sm" component="div">
      {move ? (
        <LinkTo to={`/moves/${move.id}`} underline="always">
          {tenant}
        </LinkTo>
      ) : (
        tenant
      )}{' '}
      {skipped ? (
        <Text span size="sm" c="dimmed">
          {t('moves.rollouts.skipped', { why: say(skippedSays, skipped) })}
        </Text>
      ) : (
        <State tone={state?.tone ?? 'neutral'}>{state?.label ?? t('moves.rollouts.waits')}</State>
      )}
    </Text>
  );
}

function Commands({ rollout }: { rollout: RolloutAnswer }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asked, setAsked] = useState<{ command: 'halt' | 'rollback'; seen: Given }>();
  const change = useOperatorChange<RolloutAnswer, { command: Given; seen: Given; confirm?: string }>(
    ['rollouts', 'moves'],
    { showsFailure: asked !== undefined },
  );
  if (!may('moves.change')) return null;
  const path = `/rollouts/${rollout.id}/commands`;
  const seen = rollout.wanted;
  return (
    <>
      {rollout.commands.map((command) => (
        <Button
          key={command}
          variant="default"
          loading={change.isPending && change.variables?.body?.command === command}
          onClick={() => {
            if (command === 'halt' || command === 'rollback') setAsked({ command, seen });
            else change.mutate({ path, body: { command, seen } });
          }}
        >
          {t(`moves.rollouts.commands.${command}`)}
        </Button>
      ))}
      {asked && (
        <ConfirmByName
          title={t(`moves.rollouts.commands.${asked.command}`)}
          name={rollout.to}
          action={t(`moves.rollouts.commands.${asked.command}`)}
          consequences={(['a', 'b'] as const).map((part) =>
            t(`moves.rollouts.consequences.${asked.command}.${part}`),
          )}
          isPending={change.isPending}
          error={change.error}
          onClose={() => setAsked(undefined)}
          onConfirm={() =>
            change.mutate(
              { path, body: { ...asked, confirm: rollout.to } },
              { onSuccess: () => setAsked(undefined) },
            )
          }
        />
      )}
    </>
  );
}
