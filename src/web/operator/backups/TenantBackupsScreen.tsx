import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { Archive } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupAnswer, BackupManifestAnswer } from '@/server/operator/backups/backups';
import type { TenantBackupsAnswer } from '@/server/operator/backups/tenants';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';
import { Tasks } from '../tasks/Tasks';
import { BACKUP_TASKS, Outcome } from './BackupState';
import { Drills } from './Drills';
import { RestoreDialog } from './RestoreDialog';

const TONES: Record<BackupAnswer['state'], Tone> = {
  running: 'busy',
  complete: 'good',
  failed: 'bad',
  removing: 'neutral',
  removed: 'neutral',
};

/** One tenant's backups and drills, and what is done with them. */
export function TenantBackupsScreen() {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const { id } = useParams({ strict: false }) as { id: string };
  const may = useMay();
  const format = useConsoleFormat();
  const tenant = useOperatorQuery<TenantBackupsAnswer>('backups', `/backups/tenants/${id}`);
  const query = useOperatorQuery<{ backups: BackupAnswer[] }>('backups', '/backups', {
    parameters: { tenant: id },
  });
  const change = useOperatorChange(['backups', 'tasks']);
  const [restored, setRestored] = useState<BackupAnswer>();
  const [opened, setOpened] = useState<string>();
  const name = tenant.data?.name ?? '';
  return (
    <>
      <PageHeader
        title={name || t('backups.title')}
        back={{ to: '/backups', label: t('backups.title') }}
        actions={
          may('backups.change') && (
            <Group gap="xs">
              <Button
                loading={change.isPending}
                onClick={() => change.mutate({ path: '/backups', body: { tenant: id } })}
              >
                {t('backups.backUp')}
              </Button>
              <Button
                variant="default"
                loading={change.isPending}
                onClick={() => change.mutate({ path: '/backups/drills', body: { tenant: id } })}
              >
                {t('backups.drill')}
              </Button>
            </Group>
          )
        }
      />
      <Stack gap="lg">
        <Panel title={t('backups.backups')} flush>
          <QueryView query={query}>
            {({ backups }) => (
              <Rows
                label={t('backups.backups')}
                rows={backups}
                keyOf={(one) => one.id}
                empty={<EmptyState small icon={Archive} title={t('backups.none')} />}
                columns={[
                  {
                    ...{ label: t('backups.asOf'), nowrap: true },
                    cell: ({ asOf, startedAt }) => <Ago at={asOf ?? startedAt} />,
                  },
                  {
                    label: t('backups.state'),
                    cell: ({ state, error }) => (
                      <>
                        <State tone={TONES[state]}>{t(`backups.backupState.${state}`)}</State>
                        {error && <Text size="xs">{sayFailure(error)}</Text>}
                      </>
                    ),
                  },
                  { label: t('backups.reason'), cell: ({ reason }) => t(`backups.reasons.${reason}`) },
                  {
                    ...{ label: t('backups.rows'), align: 'right' },
                    cell: ({ rows }) => (rows === null ? '' : format.number(rows)),
                  },
                  {
                    ...{ label: t('backups.size'), align: 'right', nowrap: true },
                    cell: ({ storedBytes }) => (storedBytes === null ? '' : format.bytes(storedBytes)),
                  },
                  {
                    ...{ label: t('backups.proven'), nowrap: true },
                    cell: ({ provenAt, verifiedAt }) =>
                      provenAt ? (
                        <Ago at={provenAt} />
                      ) : verifiedAt ? (
                        <Text size="sm" c="dimmed">
                          {t('backups.verified')} <Ago at={verifiedAt} />
                        </Text>
                      ) : null,
                  },
                  {
                    label: t('backups.actions'),
                    cell: (one) =>
                      one.state === 'complete' && (
                        <Group gap="xs" wrap="nowrap">
                          <Button
                            size="compact-xs"
                            variant="subtle"
                            aria-expanded={opened === one.id}
                            onClick={() => setOpened(opened === one.id ? undefined : one.id)}
                          >
                            {t('backups.contents')}
                          </Button>
                          {may('backups.change') && (
                            <>
                              <Button
                                size="compact-xs"
                                variant="default"
                                onClick={() => change.mutate({ path: `/backups/${one.id}/verify` })}
                              >
                                {t('backups.verify')}
                              </Button>
                              <Button size="compact-xs" variant="default" onClick={() => setRestored(one)}>
                                {t('backups.restore')}
                              </Button>
                            </>
                          )}
                        </Group>
                      ),
                  },
                ]}
              />
            )}
          </QueryView>
        </Panel>
        {opened && <Contents id={opened} />}
        <Tasks kinds={BACKUP_TASKS} result={(task) => <Outcome task={task} />} />
        <Panel title={t('backups.tabs.drills')}>
          <Drills tenant={id} />
        </Panel>
      </Stack>
      <Command text={`marquee backup list ${tenant.data?.subdomain ?? id}`} />
      {restored && tenant.data && (
        <RestoreDialog backup={restored} tenant={tenant.data} onClose={() => setRestored(undefined)} />
      )}
    </>
  );
}

function Contents({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const query = useOperatorQuery<{ manifest: BackupManifestAnswer | null }>('backups', `/backups/${id}`);
  return (
    <Panel title={t('backups.contents')}>
      <QueryView query={query}>
        {({ manifest }) =>
          manifest && (
            <>
              <Text size="sm" mb="xs">
                {t('backups.manifest', { version: manifest.schemaVersion, count: manifest.files })}
              </Text>
              {manifest.missingFiles.length > 0 && (
                <Text size="sm" c="red" mb="xs">
                  {t('backups.missingFiles', { count: manifest.missingFiles.length })}
                </Text>
              )}
              <Table fz="sm" aria-label={t('backups.contents')}>
                <Table.Tbody>
                  {manifest.tables.map(({ name, rows, bytes }) => (
                    <Table.Tr key={name}>
                      <Table.Td>{name}</Table.Td>
                      <Table.Td ta="right">{format.number(rows)}</Table.Td>
                      <Table.Td ta="right">{format.bytes(bytes)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </>
          )
        }
      </QueryView>
    </Panel>
  );
}
