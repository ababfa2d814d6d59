import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Archive, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenantBackupsAnswer } from '@/server/operator/backups/tenants';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { AddressTabs } from '../parts/AddressTabs';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';
import { Tasks } from '../tasks/Tasks';
import { BACKUP_TASKS, DrillState, Outcome } from './BackupState';
import { Drills } from './Drills';
import { Holds } from './Holds';
import { Schedule } from './Schedule';

/** Which tenants have a backup, and whether it was proven. */
export function BackupsScreen() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('backups.title')} subtitle={t('backups.subtitle')} />
      <Stack gap="lg">
        <AddressTabs
          tabs={[
            { key: 'tenants', label: t('backups.tabs.tenants'), content: <ByTenant /> },
            { key: 'drills', label: t('backups.tabs.drills'), content: <Drills /> },
            { key: 'schedule', label: t('backups.tabs.schedule'), content: <Schedule /> },
            { key: 'holds', label: t('backups.tabs.holds'), content: <Holds /> },
          ]}
        />
        <Tasks kinds={BACKUP_TASKS} result={(task) => <Outcome task={task} />} />
      </Stack>
    </>
  );
}

interface Page {
  rows: TenantBackupsAnswer[];
  next: string | null;
}

function ByTenant() {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const may = useMay();
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 200);
  /** Where each page begins, the shown one last. */
  const [pages, setPages] = useState<string[]>([]);
  const after = pages.at(-1);
  const query = useOperatorQuery<Page>('backups', '/backups/tenants', { parameters: { search, after } });
  const change = useOperatorChange(['backups', 'tasks']);
  const columns = [
    {
      label: t('backups.tenant'),
      cell: ({ id, name, hold }: TenantBackupsAnswer) => (
        <Group gap="xs" wrap="nowrap">
          <LinkTo to={`/backups/${id}`}>{name}</LinkTo>
          {hold && <State tone="warning">{t('backups.held')}</State>}
        </Group>
      ),
    },
    {
      ...{ label: t('backups.lastBackup'), nowrap: true },
      cell: ({ lastBackupAt, lastFailure }: TenantBackupsAnswer) => (
        <Stack gap={0}>
          {lastBackupAt ? <Ago at={lastBackupAt} /> : <State tone="bad">{t('backups.never')}</State>}
          {lastFailure && (
            <Text size="xs" c="red" style={{ whiteSpace: 'normal' }}>
              {sayFailure(lastFailure)}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      ...{ label: t('backups.lastProven'), nowrap: true },
      cell: ({ lastProvenAt }: TenantBackupsAnswer) =>
        lastProvenAt ? <Ago at={lastProvenAt} /> : <State tone="warning">{t('backups.notProven')}</State>,
    },
    {
      ...{ label: t('backups.lastDrill'), nowrap: true },
      cell: ({ lastDrill, lastDrillAt }: TenantBackupsAnswer) =>
        lastDrill && (
          <Group gap="xs" wrap="nowrap">
            <DrillState state={lastDrill} />
            <Ago at={lastDrillAt} />
          </Group>
        ),
    },
    {
      label: t('backups.actions'),
      cell: ({ subdomain, name, lastBackupAt }: TenantBackupsAnswer) =>
        may('backups.change') && (
          <Group gap="xs" wrap="nowrap">
            <Button
              size="compact-xs"
              variant="default"
              aria-label={t('backups.backUpTenant', { name })}
              onClick={() => change.mutate({ path: '/backups', body: { tenant: subdomain } })}
            >
              {t('backups.backUp')}
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              disabled={!lastBackupAt}
              aria-label={t('backups.drillTenant', { name })}
              onClick={() => change.mutate({ path: '/backups/drills', body: { tenant: subdomain } })}
            >
              {t('backups.drill')}
            </Button>
          </Group>
        ),
    },
  ];
  return (
    <>
      <TextInput
        type="search"
        mb="sm"
        leftSection={<Search size={15} />}
        aria-label={t('backups.search')}
        placeholder={t('backups.search')}
        w={{ base: '100%', sm: 320 }}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setPages([]);
        }}
      />
      <QueryView query={query}>
        {({ rows, next }) => (
          <>
            <Rows
              label={t('backups.tabs.tenants')}
              columns={columns}
              rows={rows}
              keyOf={({ id }) => id}
              empty={
                <EmptyState icon={Archive} title={search ? t('nothingFound') : t('backups.noTenants')} />
              }
            />
            {(pages.length > 0 || next) && (
              <Group mt="sm">
                <Button
                  variant="default"
                  size="compact-sm"
                  disabled={pages.length === 0}
                  onClick={() => setPages(pages.slice(0, -1))}
                >
                  {t('backups.previous')}
                </Button>
                <Button
                  variant="default"
                  size="compact-sm"
                  disabled={!next}
                  onClick={() => next && setPages([...pages, next])}
                >
                  {t('backups.next')}
                </Button>
              </Group>
            )}
          </>
        )}
      </QueryView>
      <Command text="marquee backup list" />
    </>
  );
}
