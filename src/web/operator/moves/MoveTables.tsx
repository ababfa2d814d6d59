import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';

/** What has been copied of each table: those under way first, then the largest. */
export function MoveTables({ tables }: Pick<MoveAnswer, 'tables'>) {
  const { t } = useTranslation();
  const { number, bytes } = useConsoleFormat();
  if (tables.length === 0) return null;
  const rank = ({ done, ranges }: (typeof tables)[number]) => (done === ranges ? 1 : 0);
  const sorted = tables.toSorted((one, other) => rank(one) - rank(other) || other.rows - one.rows);
  const shown = sorted.filter(({ rows, done, ranges }) => rows > 0 || done < ranges);
  return (
    <Panel title={t('moves.tables.title')}>
      <Table.ScrollContainer minWidth={300} mah={360}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('moves.tables.table')}</Table.Th>
              <Table.Th ta="right">{t('moves.tables.rows')}</Table.Th>
              <Table.Th ta="right">{t('moves.tables.size')}</Table.Th>
              <Table.Th>{t('moves.tables.state')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ table, rows, bytes: size, done, ranges }) => (
              <Table.Tr key={table}>
                <Table.Td>{table}</Table.Td>
                <Table.Td ta="right">{number(rows)}</Table.Td>
                <Table.Td ta="right">{bytes(size)}</Table.Td>
                <Table.Td>
                  {done === ranges
                    ? t('moves.tables.all')
                    : done === 0
                      ? t('moves.tables.waits')
                      : t('moves.tables.some', { done, ranges })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

/** What has happened: steps and commands, the latest first. */
export function MoveLog({ events }: Pick<MoveAnswer, 'events'>) {
  const { t } = useTranslation();
  const { second } = useConsoleFormat();
  return (
    <Panel title={t('moves.log.title')}>
      {events.toReversed().map(({ at, step, command, by, detail }) => (
        <Text key={`${at} ${step} ${command}`} size="sm">
          <Text span c="dimmed" ff="monospace" size="xs" mr="sm">
            {second(at)}
          </Text>
          {command
            ? t('moves.log.commanded', { by, command: t(`moves.commands.${command}`) })
            : t(`moves.steps.${step}`)}
          {Object.keys(detail).length > 0 && (
            <Text span c="dimmed" size="xs" ml="sm">
              {Object.entries(detail)
                .map(([name, value]) =>
                  t(`moves.log.details.${name}`, {
                    value,
                    defaultValue: `${name}: ${JSON.stringify(value)}`,
                  }),
                )
                .join(' · ')}
            </Text>
          )}
        </Text>
      ))}
    </Panel>
  );
}
