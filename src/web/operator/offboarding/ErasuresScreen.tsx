import { Button, Code, Stack, Text } from '@mantine/core';
import { Download, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemovedTenant, TenantErasure } from '@/server/operator/tenants/erasure';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { saveJson } from '../../ui/save-file';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { EraseDialog } from './EraseDialog';
import { OffboardingOutcome } from './OffboardingOutcome';

/** Tenants that are being erased, and certificates of those that were. */
export function ErasuresScreen() {
  const { t } = useTranslation();
  const { number } = useConsoleFormat();
  // A tenant that was erased is announced as a change of tenants.
  const query = useOperatorQuery<{ erasures: TenantErasure[]; removed: RemovedTenant[] }>(
    'tasks',
    '/erasures',
    { also: ['tenants', 'backups'] },
  );
  const may = useMay()('backups.give_out');
  const [erasing, setErasing] = useState<RemovedTenant>();
  const removed = query.data?.removed ?? [];
  const counts = ({ rows, files, backups }: { rows: number; files: number; backups: number }) =>
    t('offboarding.counts', { rows: number(rows), files: number(files), backups: number(backups) });
  return (
    <>
      <PageHeader
        title={t('offboarding.erasures')}
        subtitle={t('offboarding.erasuresText')}
        back={{ to: '/tenants', label: t('tenants.title') }}
      />
      <Stack gap="lg">
        <Tasks kinds={['tenants.erase']} result={(task) => <OffboardingOutcome task={task} />} />
        {removed.length > 0 && (
          <Panel
            title={t('offboarding.removedTenants')}
            aside={
              <Text size="sm" c="dimmed">
                {t('offboarding.removedText')}
              </Text>
            }
            flush
          >
            <Rows
              label={t('offboarding.removedTenants')}
              rows={removed}
              keyOf={({ id }) => id}
              empty={null}
              columns={[
                { label: t('offboarding.formerName'), cell: ({ name }) => name },
                { label: t('offboarding.tenant'), cell: ({ id }) => <Code>{id}</Code> },
                {
                  ...{ label: t('offboarding.removedAt'), nowrap: true },
                  cell: ({ removedAt }) => removedAt && <Ago at={removedAt} />,
                },
                { label: t('offboarding.backups'), cell: ({ backups }) => number(backups) },
                {
                  label: t('offboarding.erase'),
                  cell: (tenant) =>
                    may && (
                      <Button
                        size="compact-xs"
                        color="red"
                        variant="light"
                        aria-label={t('offboarding.eraseTitle', { name: tenant.name })}
                        onClick={() => setErasing(tenant)}
                      >
                        {t('offboarding.erase')}
                      </Button>
                    ),
                },
              ]}
            />
          </Panel>
        )}
        <Panel title={t('offboarding.erasures')} flush>
          <QueryView query={query}>
            {({ erasures }) => (
              <Rows
                label={t('offboarding.erasures')}
                rows={erasures}
                keyOf={({ tenantId, erasedAt }) => `${tenantId} ${erasedAt}`}
                empty={<EmptyState small icon={ShieldCheck} title={t('offboarding.noErasures')} />}
                columns={[
                  { label: t('offboarding.tenant'), cell: ({ tenantId }) => <Code>{tenantId}</Code> },
                  {
                    ...{ label: t('offboarding.when'), nowrap: true },
                    cell: ({ erasedAt }) => <Ago at={erasedAt} />,
                  },
                  { label: t('offboarding.who'), cell: ({ requestedByName }) => requestedByName },
                  { label: t('offboarding.source'), cell: ({ source }) => source },
                  { label: t('offboarding.removed'), cell: ({ before }) => counts(before) },
                  {
                    label: t('offboarding.left'),
                    isText: true,
                    cell: ({ after: { rows, files, backupObjects }, mayRemain }) => (
                      <>
                        {rows + files + backupObjects > 0 && counts({ rows, files, backups: backupObjects })}
                        {rows + files + backupObjects + mayRemain.length === 0 && t('offboarding.nothing')}
                        {mayRemain.map((what) => (
                          <Text key={what} size="sm">
                            {t('offboarding.mayRemain', { what })}
                          </Text>
                        ))}
                      </>
                    ),
                  },
                  {
                    label: t('offboarding.certificate'),
                    cell: ({ tenantId, signed }) => (
                      <Button
                        size="compact-xs"
                        variant="default"
                        leftSection={<Download size={14} />}
                        onClick={() => saveJson(`erasure-${tenantId}`, signed)}
                      >
                        {t('offboarding.download')}
                      </Button>
                    ),
                  },
                ]}
              />
            )}
          </QueryView>
        </Panel>
      </Stack>
      <Command text="marquee backup erase TENANT" />
      {erasing && (
        <EraseDialog
          tenant={erasing}
          onClose={() => setErasing(undefined)}
          onBegun={() => setErasing(undefined)}
        />
      )}
    </>
  );
}
