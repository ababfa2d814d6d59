import { Alert, Code, List, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BackupScheduleAnswer } from '@/server/operator/backups/backups';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useOperatorQuery } from '../queries';

/** When backups and drills are made, where they go, how long they stay. Set by variables of the environment. */
export function Schedule() {
  const { t } = useTranslation();
  const query = useOperatorQuery<BackupScheduleAnswer>('backups', '/backups/schedule');
  return (
    <>
      <QueryView query={query}>
        {({ isSet, stores, retention, at, drillsAt, drillDays, drillSource }) => (
          <Stack gap="md">
            {!isSet && <Alert color="red">{t('backups.schedule.notSet')}</Alert>}
            <Table fz="sm" variant="vertical" withTableBorder aria-label={t('backups.tabs.schedule')}>
              <Table.Tbody>
                <Line name={t('backups.schedule.where')} variable="BACKUP_URL">
                  <List size="sm" listStyleType="none">
                    {stores.map((store) => (
                      <List.Item key={store} style={{ overflowWrap: 'anywhere' }}>
                        {store}
                      </List.Item>
                    ))}
                  </List>
                </Line>
                <Line name={t('backups.schedule.at')} variable="BACKUP_AT">
                  <Code>{at}</Code> {t('backups.schedule.utc')}
                </Line>
                <Line name={t('backups.schedule.kept')} variable="BACKUP_KEEP">
                  {t('backups.schedule.retention', retention)}
                </Line>
                <Line name={t('backups.schedule.drillsAt')} variable="BACKUP_DRILLS_AT">
                  <Code>{drillsAt}</Code> {t('backups.schedule.utc')}
                </Line>
                <Line name={t('backups.schedule.drillDays')} variable="BACKUP_DRILL_DAYS">
                  {t('backups.schedule.days', { count: drillDays })}
                </Line>
                <Line name={t('backups.schedule.drillSource')} variable="BACKUP_DRILL_SOURCE">
                  {drillSource ?? t('backups.schedule.same')}
                </Line>
              </Table.Tbody>
            </Table>
            <Text size="sm" c="dimmed">
              {t('backups.schedule.stay')}
            </Text>
          </Stack>
        )}
      </QueryView>
      <Command text="marquee backup prune --dry-run" />
    </>
  );
}

function Line({ name, variable, children }: { name: string; variable: string; children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w="40%">
        {name}
        <br />
        <Code fz="xs">{variable}</Code>
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}
