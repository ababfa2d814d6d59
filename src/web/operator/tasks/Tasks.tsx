import { Group, Progress, Stack, Text } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { EmptyState, Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { QueryView } from '../parts/QueryView';
import { State, type Tone } from '../parts/State';
import { useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';

const TONES: Record<OperatorTaskAnswer['state'], Tone> = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  interrupted: 'warning',
};

/** The death of a task's process is not announced. */
const EVERY_MS = 10_000;

/** Tasks of these kinds with their progress and outcome. They continue when the page is left. */
export function Tasks({
  kinds,
  subject,
  result,
}: {
  kinds: readonly string[];
  /** Only of this tenant, backup or data source. */
  subject?: string;
  /** Content of a task that has succeeded, at least in part. */
  result?: (task: OperatorTaskAnswer) => ReactNode;
}) {
  const { t } = useTranslation();
  const query = useOperatorQuery<{ tasks: OperatorTaskAnswer[] }>('tasks', '/tasks', {
    parameters: { kind: kinds.join(','), subject, limit: 10 },
    everyMs: (answer) => (answer?.tasks.some(({ state }) => state === 'running') ? EVERY_MS : undefined),
  });
  return (
    <Panel title={t('tasks.title')}>
      <QueryView query={query} lines={2}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <EmptyState small icon={ListChecks} title={t('tasks.empty')} />
          ) : (
            <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {tasks.map((task) => (
                <li key={task.id}>
                  <OneTask task={task} result={result} />
                </li>
              ))}
            </Stack>
          )
        }
      </QueryView>
    </Panel>
  );
}

function OneTask({
  task,
  result,
}: {
  task: OperatorTaskAnswer;
  result: ((task: OperatorTaskAnswer) => ReactNode) | undefined;
}) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const { state, kind, title, requestedByName, startedAt, error } = task;
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <State tone={TONES[state]}>{t(`tasks.state.${state}`)}</State>
        <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
          {t(`tasks.kind.${kind.replace('.', '_')}`, { title })}
        </Text>
        <Text size="xs" c="dimmed">
          {requestedByName} · <Ago at={startedAt} />
        </Text>
      </Group>
      {state === 'running' && <HowFar progress={task.progress} />}
      {state === 'interrupted' && (
        <Text size="sm" c="dimmed">
          {t('tasks.interrupted')}
        </Text>
      )}
      {error && <Text size="sm">{sayFailure(error)}</Text>}
      {task.result && result && <Text size="sm">{result(task)}</Text>}
    </Stack>
  );
}

/** `{done | records, of}` as a bar; of stores how many secrets were looked at. */
function HowFar({ progress }: { progress: Record<string, unknown> }) {
  const { t } = useTranslation();
  const { of, stores } = progress;
  const done = progress.done ?? progress.records;
  if (typeof done === 'number' && typeof of === 'number' && of > 0) {
    const { step } = progress;
    const label = [
      typeof step === 'string' ? t(`offboarding.steps.${step}`, step) : '',
      t('tasks.howFar', { done, of }),
    ].join(' ');
    return (
      <Group gap="xs" wrap="nowrap">
        <Progress value={(100 * done) / of} flex={1} aria-label={label} />
        <Text size="xs">{label}</Text>
      </Group>
    );
  }
  if (Array.isArray(stores)) {
    const looked = stores.reduce((sum: number, store: { done: number }) => sum + store.done, 0);
    return <Text size="xs">{t('tasks.lookedAt', { count: looked })}</Text>;
  }
  return <Progress value={100} animated aria-label={t('tasks.state.running')} />;
}
