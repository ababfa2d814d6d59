import { Button, Text } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DrillAnswer } from '@/server/operator/backups/drills';
import { EmptyState } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';
import { DrillState } from './BackupState';

/** Drills and their durations, which show how long a restore takes. */
export function Drills({ tenant }: { tenant?: string }) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const format = useConsoleFormat();
  const may = useMay();
  const query = useOperatorQuery<{ drills: DrillAnswer[] }>('backups', '/backups/drills', {
    parameters: { tenant },
  });
  const change = useOperatorChange(['backups', 'tasks']);
  const seconds = (ms: number | undefined) => (ms === undefined ? '' : `${format.number(ms / 1000)} s`);
  return (
    <>
      {!tenant && may('backups.change') && (
        <Button
          mb="sm"
          variant="default"
          loading={change.isPending}
          onClick={() => change.mutate({ path: '/backups/drills', body: {} })}
        >
          {t('backups.drillAll')}
        </Button>
      )}
      <QueryView query={query}>
        {({ drills }) => (
          <Rows
            label={t('backups.tabs.drills')}
            rows={drills}
            keyOf={({ id }) => id}
            empty={<EmptyState small icon={ShieldCheck} title={t('backups.noDrills')} />}
            columns={[
              ...(tenant ? [] : [{ label: t('backups.tenant'), cell: (one: DrillAnswer) => one.tenantName }]),
              { label: t('backups.result'), cell: ({ state }) => <DrillState state={state} /> },
              { label: t('backups.when'), nowrap: true, cell: ({ startedAt }) => <Ago at={startedAt} /> },
              {
                ...{ label: t('backups.rows'), align: 'right' },
                cell: ({ result }) => (result.rows === undefined ? '' : format.number(result.rows)),
              },
              {
                ...{ label: t('backups.restoreTook'), align: 'right', nowrap: true },
                cell: ({ result }) => seconds(result.restoreMs),
              },
              {
                ...{ label: t('backups.wholeTook'), align: 'right', nowrap: true },
                cell: ({ result }) => seconds(result.totalMs),
              },
              {
                label: t('backups.problem'),
                cell: ({ error }) => error && <Text size="sm">{sayFailure(error)}</Text>,
              },
            ]}
          />
        )}
      </QueryView>
      <Command text={tenant ? `marquee backup drills ${tenant}` : 'marquee backup drills'} />
    </>
  );
}
