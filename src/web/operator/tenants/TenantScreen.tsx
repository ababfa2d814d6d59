import { Alert, Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { Scale } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import type { Suspension, SuspensionOutcomes } from '@/server/operator/tenants/tenants';
import { Facts } from '../../ui/Facts';
import { LinkTo } from '../../ui/LinkTo';
import { notifyProblem } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { TenantStatements } from '../cost/TenantStatements';
import { useConsoleFormat } from '../format';
import { Offboarding } from '../offboarding/Offboarding';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';
import { TenantCost } from '../usage/TenantCost';
import { TenantUsage } from '../usage/TenantUsage';
import { Backups, Moves, Records, Users } from './TenantLists';
import { STATUS_TONES } from './tenant-status';

/** A tenant: where its data are, its limits, users, moves, backups and its part of the audit log. */
export function TenantScreen() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  // Its last backup, and a legal hold, are announced as backups.
  const query = useOperatorQuery<OperatorTenantPage>('tenants', `/tenants/${id}`, { also: ['backups'] });
  return <QueryView query={query}>{(tenant) => <Page key={tenant.id} tenant={tenant} />}</QueryView>;
}

function Page({ tenant }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const may = useMay();
  const { subdomain } = tenant;
  return (
    <>
      <PageHeader
        back={{ to: '/tenants', label: t('tenants.title') }}
        title={tenant.name}
        subtitle={subdomain}
        badge={<State tone={STATUS_TONES[tenant.status]}>{t(`tenants.status.${tenant.status}`)}</State>}
        actions={may('tenants.change') && <SuspendOrResume tenant={tenant} />}
      />
      <Stack gap="md">
        {tenant.hold && (
          <Alert color="yellow" icon={<Scale size={18} />}>
            {t('tenants.page.hold', { reason: tenant.hold })}
          </Alert>
        )}
        <Route tenant={tenant} />
        {may('usage.read') && <TenantUsage tenant={tenant} />}
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          {may('usage.read') && <TenantCost tenant={tenant} />}
          {may('users.read') && <Users tenant={subdomain} />}
          <Limits tenant={tenant} />
          {may('moves.read') && <Moves tenant={subdomain} />}
          {may('backups.read') && <Backups tenant={subdomain} />}
        </SimpleGrid>
        {may('usage.read') && (
          <TenantStatements
            tenantId={tenant.id}
            month={new Date().toISOString().slice(0, 7)}
            name={subdomain}
          />
        )}
        {may('audit.read') && <Records tenant={subdomain} />}
        <Offboarding tenant={tenant} />
        <Commands subdomain={subdomain} />
      </Stack>
    </>
  );
}

function Route({ tenant }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const { backup, schemaVersion, newestSchemaVersion: newest } = tenant;
  const isBehind = schemaVersion !== null && newest !== null && schemaVersion < newest;
  const never = t('tenants.page.never');
  return (
    <Panel title={t('tenants.page.route')}>
      <Facts
        facts={[
          [
            t('tenants.columns.source'),
            tenant.source && <LinkTo to={`/data-sources/${tenant.source}`}>{tenant.source}</LinkTo>,
          ],
          [t('tenants.columns.region'), tenant.region],
          [t('tenants.page.requiredRegion'), tenant.requiredRegion ?? t('tenants.page.anywhere')],
          [t('tenants.columns.epoch'), tenant.epoch],
          [t('tenants.page.idInDataSource'), tenant.idInDataSource],
          [
            t('tenants.page.schema'),
            schemaVersion === null
              ? null
              : `${schemaVersion} ${isBehind ? `(${t('tenants.page.behind', { version: newest })})` : ''}`,
          ],
          [t('tenants.page.lastBackup'), backup.lastAt ? <Ago key="last" at={backup.lastAt} /> : never],
          [t('tenants.page.proven'), backup.provenAt ? <Ago key="proven" at={backup.provenAt} /> : never],
          [t('tenants.page.support'), t(`tenants.page.policies.${tenant.supportPolicy}`)],
          [t('tenants.columns.createdAt'), <Ago key="created" at={tenant.createdAt} />],
        ]}
      />
    </Panel>
  );
}

function Limits({ tenant: { limits, subdomain } }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  return (
    <Panel title={t('tenants.page.limits')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('tenants.page.limitsText')}
      </Text>
      <Facts
        facts={limits.map(({ key, value, isSet }) => [
          t(`tenants.page.limit.${key}`, { defaultValue: key }),
          <>
            {typeof value === 'number' ? format.measure(key, value) : t(value ? 'yes' : 'no')}{' '}
            {isSet && <State tone="busy">{t('tenants.page.set')}</State>}
          </>,
        ])}
      />
      <Command text={`marquee tenant pool ${subdomain}`} />
    </Panel>
  );
}

function SuspendOrResume({ tenant }: { tenant: OperatorTenantPage }) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const [isAsking, setAsking] = useState(false);
  const change = useOperatorChange<SuspensionOutcomes, Suspension>(['tenants']);
  const { id, name, subdomain, status } = tenant;
  if (status === 'provisioning') return null;
  const run = (suspended: boolean) =>
    change.mutate(
      { path: '/tenants/suspension', body: { tenants: [id], suspended } },
      {
        onSuccess: ({ failed: [first] }) => {
          if (first) notifyProblem(sayFailure(first));
          setAsking(false);
        },
      },
    );
  if (status !== 'active') {
    return (
      <Button loading={change.isPending} onClick={() => run(false)}>
        {t('tenants.resume')}
      </Button>
    );
  }
  return (
    <>
      <Button color="red" variant="light" onClick={() => setAsking(true)}>
        {t('tenants.suspend')}
      </Button>
      {isAsking && (
        <ConfirmByName
          title={t('tenants.page.suspendTitle', { name })}
          name={subdomain}
          consequences={[
            t('tenants.page.suspendUsers', { name }),
            t('tenants.page.suspendData'),
            t('tenants.page.suspendBack'),
          ]}
          action={t('tenants.suspend')}
          isPending={change.isPending}
          onConfirm={() => run(true)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Commands for what the console does not offer. */
function Commands({ subdomain }: { subdomain: string }) {
  const { t } = useTranslation();
  const commands: [text: string, command: string][] = [
    [t('tenants.page.moveText'), `marquee move start ${subdomain} --to SOURCE`],
  ];
  return (
    <Panel title={t('tenants.page.commands')}>
      <Stack gap={4}>
        {commands.map(([text, command]) => (
          <div key={command}>
            <Text size="sm">{text}</Text>
            <Command text={command} />
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
