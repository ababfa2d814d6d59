import { Alert, List, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { DemoTraffic } from '../demo/DemoTraffic';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { Certificate } from './Certificate';
import { MoveCommands } from './MoveCommands';
import { MoveFacts } from './MoveFacts';
import { MoveLog, MoveTables } from './MoveTables';
import { meaningOf, stateOf } from './states';
import { useMoveFailure } from './use-move-failure';
import { Verification } from './Verification';

/** The death of a move's process is not announced. */
const EVERY_MS = 10_000;

/** One move, as it goes on. */
export function MoveScreen() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useOperatorQuery<MoveAnswer>('moves', `/moves/${id}`, {
    everyMs: (move) => (move?.finishedAt ? undefined : EVERY_MS),
  });
  const { t } = useTranslation();
  return (
    <>
      {!query.data && (
        <PageHeader title={t('moves.title')} back={{ to: '/moves', label: t('moves.title') }} />
      )}
      <QueryView query={query}>{(move) => <Shown key={move.id} move={move} />}</QueryView>
    </>
  );
}

function Shown({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const say = useMessage();
  const { tone, label } = stateOf(move, t);
  const warnings = (move.progress.warnings ?? []).map((text, at) => say(move.says.warnings[at], text));
  return (
    <>
      <PageHeader
        title={move.tenant}
        back={{ to: '/moves', label: t('moves.title') }}
        subtitle={t('moves.fromTo', move)}
        badge={<State tone={tone}>{label}</State>}
        actions={<MoveCommands move={move} />}
      />
      <Text mb="md" role="status">
        {t(`moves.meaning.${meaningOf(move)}`)}
      </Text>
      <Problem move={move} />
      <Stack gap="md">
        <MoveFacts move={move} />
        <DemoTraffic only={move.tenant} />
        {move.leftBehind.length > 0 && <Lines title={t('moves.leftBehind')} lines={move.leftBehind} />}
        {!move.finishedAt && warnings.length > 0 && <Lines title={t('moves.warnings')} lines={warnings} />}
        {move.hasCertificate && <Certificate move={move} />}
        {!move.finishedAt && <Verification move={move} />}
        <MoveTables tables={move.tables} />
        <MoveLog events={move.events} />
      </Stack>
      <Command text={`marquee move status ${move.id}`} />
    </>
  );
}

/** What went wrong, and one step that helps. */
function Problem({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const sayFailure = useMoveFailure();
  const { error, remedy, finishedAt } = move;
  if (!error || finishedAt) return null;
  return (
    <Alert color="red" role="alert" mb="md" title={sayFailure(move)}>
      {remedy && (
        <Text size="sm">
          <b>{t('moves.remedy.title')}:</b> {t(`moves.remedy.${remedy}`)}
        </Text>
      )}
    </Alert>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <Panel title={title}>
      <List size="sm" spacing={4}>
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Panel>
  );
}
