import { Alert, Group, Progress, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { useMessage } from '../server-messages/use-message';
import { percentOf, timeLeft } from './states';

/** The numbers of a move. */
export function MoveFacts({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const say = useMessage();
  const format = useConsoleFormat();
  const { number, bytes, percent } = format;
  const { progress, step, tables, mode } = move;
  const isCopying = step === 'copying';
  const done = tables.filter((table) => table.done === table.ranges).length;
  const { shadowReads: reads, rows, rowsExpected, copyShare = 1, slowedBy, waitsFor } = progress;
  const facts: [name: string, value: string | false | undefined][] = [
    [
      'rows',
      rows !== undefined &&
        (isCopying && rowsExpected
          ? t('moves.facts.of', { done: number(rows), all: number(rowsExpected) })
          : number(rows)),
    ],
    ['size', progress.bytes !== undefined && bytes(progress.bytes)],
    [
      'rate',
      isCopying &&
        progress.rowsPerSecond !== undefined &&
        t('moves.facts.perSecond', {
          rows: number(progress.rowsPerSecond),
          bytes: bytes(progress.bytesPerSecond ?? 0),
        }),
    ],
    ['left', isCopying && progress.secondsLeft !== undefined && timeLeft(progress.secondsLeft, t)],
    ['tables', tables.length > 0 && t('moves.facts.of', { done, all: tables.length })],
    ['lag', step === 'catching_up' && progress.lagBytes !== undefined && bytes(progress.lagBytes)],
    ['verified', progress.verifiedAt && format.second(progress.verifiedAt)],
    [
      'reads',
      reads &&
        t('moves.facts.readsOf', {
          same: number(reads.same),
          different: number(reads.different + reads.refused),
        }),
    ],
    ['pause', progress.pauseMs !== undefined && t('moves.facts.ms', { count: Math.round(progress.pauseMs) })],
    ['mode', t(`moves.modes.${mode}`)],
    ['by', move.requestedBy],
  ];
  const share = percentOf(move);
  return (
    <Panel title={t(`moves.steps.${step}`)} aside={<Ago at={move.createdAt} />}>
      {share !== undefined && (
        <Group gap="sm" mb="sm" wrap="nowrap">
          <Progress value={share} flex={1} aria-label={t('moves.steps.copying')} />
          <Text size="sm">{percent(share / 100)}</Text>
        </Group>
      )}
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} component="dl" m={0}>
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <Text component="dt" size="xs" c="dimmed">
                  {t(`moves.facts.${name}`)}
                </Text>
                <Text component="dd" m={0} fw={550}>
                  {value}
                </Text>
              </div>
            ),
        )}
      </SimpleGrid>
      {isCopying && copyShare < 1 && slowedBy && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('moves.facts.slowed', { share: percent(copyShare), reason: say(move.says.slowedBy, slowedBy) })}
        </Text>
      )}
      {waitsFor && !move.finishedAt && (
        <Alert color="yellow" mt="sm">
          {t('moves.facts.waitsFor', { what: say(move.says.waitsFor, waitsFor) })}
        </Alert>
      )}
      {!move.isRunning && !move.isSettled && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('moves.facts.notRunning')}
        </Text>
      )}
    </Panel>
  );
}
