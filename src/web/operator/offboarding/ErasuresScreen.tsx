import { Button, Code, Stack, Text } from '@mantine/core';
import { Download, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TenantErasure } from '@/server/operator/tenants/erasure';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { saveJson } from '../../ui/save-file';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { OffboardingOutcome } from './OffboardingOutcome';

/** Tenants that are being erased, and certificates of those that were. */
export function ErasuresScreen() {
  const { t } = useTranslation();
  const { number } = useConsoleFormat();
  // A tenant that was erased is announced as a change of tenants.
  const query = useOperatorQuery<{ erasures: TenantErasure[] }>('tasks', '/erasures');
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
        <Panel title={t('offboarding.erasures')} flush>
          <QueryView query={query}>
            {({ erasures }) => (
              <Rows
                label={t('offboarding.erasures')}
                rows={erasures}
                keyOf={({ tenantId }) => tenantId}
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
    </>
  );
}
