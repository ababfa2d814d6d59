import {
  Button,
  Checkbox,
  List,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RolloutAnswer, RolloutPlan, RolloutWish } from '@/server/operator/moves/rollouts';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';
import { useFoundSources } from '../sources/use-found-sources';
import { rolloutCommand } from './commands';

/** Chooses what moves where, shows the waves, and begins the rollout. */
export function StartRollout({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sources = useFoundSources();
  const targets = useFoundSources();
  const [from, setFrom] = useState<string[]>([]);
  const [to, setTo] = useState<string | null>(null);
  const [samples, setSamples] = useState('');
  const [atOnce, setAtOnce] = useState(4);
  const [minutes, setMinutes] = useState(10);
  const [keepRollback, setKeep] = useState(false);
  const plan = useOperatorChange<RolloutPlan, RolloutWish>([]);
  const start = useOperatorChange<RolloutAnswer, RolloutWish & { confirm: string }>(['rollouts', 'moves'], {
    showsFailure: true,
  });
  const given: RolloutWish = {
    ...{ from, to: to ?? '', atOnce, soakSeconds: minutes * 60, keepRollback },
    samples: samples.split(/[\s,]+/).filter(Boolean),
  };
  // What is begun is what was planned, also if the form was changed meanwhile.
  const wish = (plan.data && plan.variables?.body) ?? given;
  const title = t('moves.rollouts.start');
  if (plan.data) {
    const words = { from: wish.from.join(', '), to: wish.to };
    return (
      <ConfirmByName
        title={title}
        name={wish.to}
        action={t('moves.rollouts.begin')}
        consequences={[t('moves.rollouts.confirm', words)]}
        isPending={start.isPending}
        error={start.error}
        onClose={onClose}
        onConfirm={() =>
          start.mutate(
            { path: '/rollouts', body: { ...wish, confirm: wish.to } },
            { onSuccess: ({ id }) => void navigate({ to: `/rollouts/${id}` as '/' }) },
          )
        }
      >
        <Text fw={600}>{t('moves.rollouts.plan')}</Text>
        <List size="sm" mah={260} style={{ overflowY: 'auto' }}>
          {plan.data.waves.map(({ name, tenants }) => (
            <List.Item key={name}>
              <b>{name}</b>: {tenants.join(', ')}
            </List.Item>
          ))}
        </List>
        <Command text={rolloutCommand(wish)} />
      </ConfirmByName>
    );
  }
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          plan.mutate({ path: '/rollouts/plan', body: given });
        }}
      >
        <Stack>
          <MultiSelect
            label={t('moves.rollouts.sources')}
            data={withChosen(sources.found, from)}
            value={from}
            {...sources.searching}
            onChange={setFrom}
          />
          <Select
            label={t('moves.plan.to')}
            data={withChosen(targets.found, to ? [to] : []).filter((name) => !from.includes(name))}
            value={to}
            {...targets.searching}
            onChange={setTo}
          />
          <TextInput
            label={t('moves.rollouts.samples')}
            description={t('moves.rollouts.samplesText')}
            value={samples}
            onChange={(event) => setSamples(event.currentTarget.value)}
          />
          <NumberInput
            label={t('moves.rollouts.atOnce')}
            min={1}
            max={50}
            value={atOnce}
            onChange={(value) => setAtOnce(Number(value) || 1)}
          />
          <NumberInput
            label={t('moves.rollouts.soakMinutes')}
            min={0}
            max={10_080}
            value={minutes}
            onChange={(value) => setMinutes(Number(value) || 0)}
          />
          <Checkbox
            label={t('moves.rollouts.keep')}
            checked={keepRollback}
            onChange={(event) => setKeep(event.currentTarget.checked)}
          />
          <Button type="submit" loading={plan.isPending} disabled={from.length === 0 || !to}>
            {t('moves.next')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

/** Names to choose from: what was found, and what is chosen already. */
function withChosen(found: readonly { name: string }[], chosen: readonly string[]): string[] {
  return [...new Set([...chosen, ...found.map(({ name }) => name)])];
}
