import { Alert, Button, Code, Loader, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';

/** Compares source and target on demand, and shows what differs. */
export function Verification({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const { number, second } = useConsoleFormat();
  const may = useMay();
  const request = useOperatorChange<MoveAnswer>(['moves']);
  const { verification } = move;
  const isUnderWay = verification?.state === 'waiting' || verification?.state === 'running';
  // The job queue announces no change.
  useOperatorQuery<MoveAnswer>('moves', `/moves/${move.id}`, { everyMs: isUnderWay ? 5_000 : 0 });
  const found = verification?.result;
  return (
    <Panel
      title={t('moves.verification.title')}
      aside={
        may('moves.change') && (
          <Button
            size="compact-sm"
            variant="default"
            loading={request.isPending || isUnderWay}
            onClick={() => request.mutate({ path: `/moves/${move.id}/verification`, body: {} })}
          >
            {t('moves.verification.request')}
          </Button>
        )
      }
    >
      {!verification && <Text size="sm">{t('moves.verification.text')}</Text>}
      {isUnderWay && (
        <Text size="sm" role="status">
          <Loader size="xs" mr="xs" />
          {verification.state === 'waiting'
            ? t('moves.verification.waiting', { by: verification.requestedBy })
            : t('moves.verification.running')}
        </Text>
      )}
      {verification?.state === 'failed' && (
        <Alert color="red">
          {t('moves.verification.failed')} {verification.error && sayFailure(verification.error)}
        </Alert>
      )}
      {found && (
        <Text size="sm" role="status" fw={550}>
          {found.differences.length === 0
            ? t('moves.verification.equal', { rows: number(found.rows), at: second(verification.finishedAt) })
            : t('moves.verification.differ', {
                count: found.tables.reduce((sum, { differences }) => sum + differences, 0),
                at: second(verification.finishedAt),
              })}
        </Text>
      )}
      {found && found.differences.length > 0 && (
        <Table.ScrollContainer minWidth={300} mah={320}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('moves.verification.table')}</Table.Th>
                <Table.Th>{t('moves.verification.key')}</Table.Th>
                <Table.Th>{t('moves.verification.kind')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.differences.map(({ table, key, kind }) => (
                <Table.Tr key={`${table} ${key.join(' ')}`}>
                  <Table.Td>{table}</Table.Td>
                  <Table.Td>
                    <Code>{key.join(' ')}</Code>
                  </Table.Td>
                  <Table.Td>{t(`moves.verification.kinds.${kind}`)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Command text={`marquee move verify ${move.id}`} />
    </Panel>
  );
}
