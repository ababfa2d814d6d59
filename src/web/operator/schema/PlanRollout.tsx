import { Button, Code, Group, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SchemaRolloutPlanAnswer, StartSchemaRolloutBody } from '@/server/operator/schema/rollouts';
import { FormError } from '../../ui/FormError';
import { Panel } from '../../ui/Panel';
import { Command } from '../parts/Command';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useOperatorChange } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';

const names = (text: string) => text.split(/[\s,]+/).filter(Boolean);

/** Says what a rollout would do before it is started: databases, statements, and the locks that they take. */
export function PlanRollout({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [canaries, setCanaries] = useState('');
  const [sources, setSources] = useState('');
  const [percents, setPercents] = useState('10, 100');
  const [soak, setSoak] = useState<number | string>(0);
  const [onError, setOnError] = useState<'halt' | 'continue'>('halt');
  const [allowDrift, setAllowDrift] = useState(false);
  const plan = useOperatorChange<SchemaRolloutPlanAnswer, StartSchemaRolloutBody>([], { showsFailure: true });
  const start = useOperatorChange<{ rollout: object | null }, StartSchemaRolloutBody>(['schema', 'tasks'], {
    showsFailure: true,
  });
  const only = names(sources);
  const body: StartSchemaRolloutBody = {
    ...(only.length > 0 ? { sources: only } : {}),
    options: {
      canaries: names(canaries),
      percents: names(percents).map(Number),
      soakMs: Number(soak) * 1000,
      ...{ onError, allowDrift },
    },
  };
  // What is started is what was planned: after a change of the form it is planned again.
  const isCurrent = JSON.stringify(plan.variables?.body) === JSON.stringify(body);
  const planned = isCurrent ? plan.data : undefined;
  const pending = planned?.sources.filter(isPending).length ?? 0;
  const error = plan.error ?? start.error;
  const flags = [
    ...only.map((name) => `--source ${name}`),
    ...names(canaries).map((name) => `--canary ${name}`),
    `--waves ${names(percents).join(',')}`,
    ...(Number(soak) > 0 ? [`--soak ${soak}`] : []),
    ...(onError === 'continue' ? ['--on-error continue'] : []),
    ...(allowDrift ? ['--allow-drift'] : []),
  ].join(' ');
  const command = `marquee migrate ${flags}${planned ? '' : ' --dry-run'}`;
  return (
    <Panel title={t('schema.planning.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          plan.mutate({ path: '/schema-rollouts/plan', body });
        }}
      >
        <Stack gap="sm">
          <Group align="end" gap="sm">
            <TextInput
              label={t('schema.planning.sources')}
              placeholder={t('schema.planning.all')}
              value={sources}
              onChange={(event) => setSources(event.target.value)}
            />
            <TextInput
              label={t('schema.planning.canaries')}
              value={canaries}
              onChange={(event) => setCanaries(event.target.value)}
            />
            <TextInput
              label={t('schema.planning.waves')}
              value={percents}
              onChange={(event) => setPercents(event.target.value)}
            />
            <NumberInput label={t('schema.planning.soak')} min={0} value={soak} onChange={setSoak} w={160} />
            <Select
              label={t('schema.planning.onError')}
              allowDeselect={false}
              data={(['halt', 'continue'] as const).map((value) => ({
                value,
                label: t(`schema.planning.${value}`),
              }))}
              value={onError}
              onChange={(value) => setOnError(value as 'halt' | 'continue')}
            />
          </Group>
          <Switch
            label={t('schema.planning.allowDrift')}
            checked={allowDrift}
            onChange={(event) => setAllowDrift(event.currentTarget.checked)}
          />
          <FormError error={error} />
          <Group gap="sm">
            <Button type="submit" variant="default" loading={plan.isPending}>
              {t('schema.planning.look')}
            </Button>
            <Button
              disabled={pending === 0}
              loading={start.isPending}
              onClick={() => start.mutate({ path: '/schema-rollouts', body }, { onSuccess: onClose })}
            >
              {t('schema.planning.start', { count: pending })}
            </Button>
            <Button variant="subtle" onClick={onClose}>
              {t('close')}
            </Button>
          </Group>
        </Stack>
      </form>
      {planned && <Plan plan={planned} />}
      <Command text={command} />
    </Panel>
  );
}

type Planned = SchemaRolloutPlanAnswer['sources'][number];

const isPending = ({ expand, contract, functions }: Planned) =>
  expand.length > 0 || contract.length > 0 || functions > 0;

function Plan({ plan }: { plan: SchemaRolloutPlanAnswer }) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  return (
    <Stack gap="md" mt="md">
      <Rows
        label={t('schema.planning.databases')}
        rows={plan.sources}
        keyOf={({ source }) => source}
        empty={<Text size="sm">{t('schema.planning.noSources')}</Text>}
        columns={[
          { label: t('schema.source'), cell: ({ source }: Planned) => source },
          { label: t('schema.version'), cell: ({ version }) => version ?? '–' },
          { label: t('schema.planning.expand'), cell: ({ expand }) => expand.join(', ') || '–' },
          { label: t('schema.planning.contract'), cell: ({ contract }) => contract.join(', ') || '–' },
          { label: t('schema.planning.functions'), align: 'right', cell: ({ functions }) => functions },
          {
            label: t('schema.state'),
            cell: (one) =>
              one.problem ? (
                <State tone="bad">{sayFailure(one.problem)}</State>
              ) : isPending(one) ? (
                <State tone="busy">{t('schema.planning.toMigrate')}</State>
              ) : (
                <State tone="good">{t('schema.planning.upToDate')}</State>
              ),
          },
        ]}
      />
      {plan.migrations.map(({ version, name, phase, statements }) => (
        <Panel key={version} title={`${version} ${name} (${t(`schema.phases.${phase}`)})`} flush>
          <Rows
            label={name}
            rows={statements}
            keyOf={({ statement }) => statement}
            empty={null}
            columns={[
              {
                label: t('schema.planning.statement'),
                cell: ({ statement }) => <Code style={{ overflowWrap: 'anywhere' }}>{statement}</Code>,
              },
              {
                label: t('schema.planning.locks'),
                cell: ({ locks }) =>
                  locks.map(({ table, mode }) => `${mode} · ${table}`).join('; ') ||
                  t('schema.planning.noLock'),
              },
              {
                label: t('schema.planning.blocks'),
                cell: ({ blocks, work }) => (
                  <Group gap="xs">
                    <State tone={blocks === 'nothing' ? 'good' : work ? 'bad' : 'warning'}>
                      {t(`schema.blocks.${blocks.replaceAll(' ', '_')}`)}
                    </State>
                    {work && <Text size="xs">{t(`schema.work.${work.replaceAll(' ', '_')}`)}</Text>}
                  </Group>
                ),
              },
            ]}
          />
        </Panel>
      ))}
    </Stack>
  );
}
