import { Card, Group, Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedMoveAnswer } from '@/server/operator/moves/answers';
import type { ListedRolloutAnswer } from '@/server/operator/moves/rollouts';
import { LinkTo } from '../../ui/LinkTo';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { State, type Tone } from '../parts/State';
import { useMessage } from '../server-messages/use-message';
import { percentOf, stateOf, stateOfRollout } from './states';
import { useMoveFailure } from './use-move-failure';

/** A move in a list. */
export function MoveCard({ move }: { move: ListedMoveAnswer }) {
  const { t } = useTranslation();
  const sayFailure = useMoveFailure();
  const { bytes, number } = useConsoleFormat();
  const { lagBytes, pauseMs, rows } = move.progress;
  const percent = percentOf(move);
  const facts = [
    rows !== undefined && `${number(rows)} ${t('moves.facts.rows')}`,
    move.step === 'catching_up' && lagBytes !== undefined && `${t('moves.facts.lag')} ${bytes(lagBytes)}`,
    pauseMs !== undefined &&
      `${t('moves.facts.pause')} ${t('moves.facts.ms', { count: Math.round(pauseMs) })}`,
  ];
  return (
    <Entry
      to={`/moves/${move.id}`}
      name={move.tenant}
      text={t('moves.fromTo', move)}
      state={stateOf(move, t)}
      at={move.createdAt}
      facts={facts.filter(Boolean).join(' · ')}
      error={move.finishedAt || !move.error ? undefined : sayFailure(move)}
    >
      {percent !== undefined && <Progress value={percent} mt={8} aria-label={t('moves.steps.copying')} />}
    </Entry>
  );
}

/** A rollout in a list. */
export function RolloutCard({ rollout }: { rollout: ListedRolloutAnswer }) {
  const { t } = useTranslation();
  const say = useMessage();
  const { id, to, from, waves, wave, failed, createdAt } = rollout;
  return (
    <Entry
      to={`/rollouts/${id}`}
      name={t('moves.rollouts.to', { to })}
      text={t('moves.rollouts.from', { from: from.join(', ') })}
      state={stateOfRollout(rollout, t)}
      at={createdAt}
      facts={t('moves.rollouts.wave', { at: Math.min(wave + 1, waves.length), of: waves.length })}
      error={failed ? say(failed.says, failed.message) : undefined}
    />
  );
}

interface EntryProperties {
  to: string;
  name: string;
  text: string;
  state: { tone: Tone; label: string };
  at: string;
  facts: string;
  error: string | undefined;
  children?: ReactNode;
}

function Entry({ to, name, text, state, at, facts, error, children }: EntryProperties) {
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <LinkTo to={to} fw={600}>
            {name}
          </LinkTo>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </Group>
        <State tone={state.tone}>{state.label}</State>
      </Group>
      {children}
      <Group justify="space-between" gap="xs" mt={4}>
        <Text size="xs" c="dimmed">
          {facts}
        </Text>
        <Text size="xs" c="dimmed">
          <Ago at={at} />
        </Text>
      </Group>
      {error && (
        <Text size="sm" c="var(--mantine-color-red-light-color)" mt={4}>
          {error}
        </Text>
      )}
    </Card>
  );
}
