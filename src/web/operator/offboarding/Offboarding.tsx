import { Button, Group, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Download, FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenantExport } from '@/server/operator/tenants/exports';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import { serverAddress } from '../../hooks/page/address';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago, useNow } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useMay, useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { EraseDialog } from './EraseDialog';
import { ExportDialog } from './ExportDialog';
import { OffboardingOutcome } from './OffboardingOutcome';

/** A tenant's exports, and its erasure. */
export function Offboarding({ tenant }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const may = useMay()('backups.give_out');
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'export' | 'erase'>();
  const { id, subdomain, hold } = tenant;
  const close = () => setDialog(undefined);
  return (
    <>
      <Panel
        title={t('offboarding.title')}
        aside={
          may && (
            <Group gap="xs">
              <Button size="compact-sm" variant="default" onClick={() => setDialog('export')}>
                {t('offboarding.export')}
              </Button>
              <Button
                size="compact-sm"
                color="red"
                variant="light"
                disabled={hold !== null}
                onClick={() => setDialog('erase')}
              >
                {t('offboarding.erase')}
              </Button>
            </Group>
          )
        }
      >
        <Text size="sm" c="dimmed" mb="sm">
          {hold === null ? t('offboarding.text') : t('offboarding.held')}
        </Text>
        <Exports subdomain={subdomain} mayDownload={may} />
        <Command text={`marquee backup export ${subdomain} --to DIRECTORY`} />
        <Command text={`marquee backup erase ${subdomain}`} />
      </Panel>
      <Tasks
        kinds={['tenants.export', 'tenants.erase']}
        subject={id}
        result={(task) => <OffboardingOutcome task={task} />}
      />
      {dialog === 'export' && <ExportDialog tenant={tenant} onClose={close} />}
      {dialog === 'erase' && (
        <EraseDialog
          tenant={tenant}
          onClose={close}
          onBegun={() => void navigate({ to: '/erasures' as '/' })}
        />
      )}
    </>
  );
}

function Exports({ subdomain, mayDownload }: { subdomain: string; mayDownload: boolean }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const now = useNow();
  const query = useOperatorQuery<{ exports: TenantExport[] }>('backups', `/tenants/${subdomain}/exports`);
  return (
    <QueryView query={query} lines={2}>
      {({ exports }) => (
        <Stack gap="sm">
          <Text size="sm" fw={600}>
            {exports.length === 0 ? t('offboarding.noExports') : t('offboarding.exports')}
          </Text>
          {exports.map(
            ({ id, asOf, tables, rows, files, bytes, requestedByName: name, expiresAt, format: kind }) => (
              <Group key={id} justify="space-between" gap="xs">
                <div>
                  <Group gap={6}>
                    <FileArchive size={15} aria-hidden />
                    <Text size="sm">
                      {kind.toUpperCase()} · <Ago at={asOf} /> ·{' '}
                      {t('offboarding.made', {
                        ...{ rows: format.number(rows), tables: format.number(tables) },
                        files: format.number(files),
                        size: format.bytes(bytes),
                      })}
                    </Text>
                  </Group>
                  <Text size="xs" c="dimmed">
                    {t('offboarding.by', { name, when: format.ago(expiresAt, now) })}
                  </Text>
                </div>
                {mayDownload && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    component="a"
                    href={serverAddress(`/api/operator/tenants/${subdomain}/exports/${id}/archive`)}
                    download
                    leftSection={<Download size={14} />}
                  >
                    {t('offboarding.download')}
                  </Button>
                )}
              </Group>
            ),
          )}
        </Stack>
      )}
    </QueryView>
  );
}
