import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { OAuthProviderName } from '@/server/api/connections/authorization';
import type { Integration } from '@/server/api/connections/integrations';
import { useConnect, useDisconnect, useSyncNow } from '../../hooks/company/connections';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { PersonName } from '../records/fields/FieldValue';

interface Properties {
  provider: OAuthProviderName;
  connections: readonly Integration[];
  /** Whether the operator has registered this installation with the provider. */
  isAvailable: boolean;
}

/** A provider's connections: the user's own or the tenant's and, for admins, those of other users. */
export function Connection({ provider, connections, isAvailable }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const { user } = useSignedIn();
  const isCompanys = provider === 'quickbooks';
  const own = connections.find(({ userId }) => userId === (isCompanys ? null : user.id));
  const others = connections.filter((one) => one !== own);
  const mayConnect = !isCompanys || may('settings');
  return (
    <Panel
      title={t(`connections.${provider}.name`)}
      aside={<StatusBadge value={own?.status ?? (isAvailable ? 'not_connected' : 'not_available')} />}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t(`connections.${provider}.text`)}
        </Text>
        {own && <State connection={own} />}
        {!isAvailable && <Text size="sm">{t('connections.notAvailable')}</Text>}
        {isAvailable && !mayConnect && !own && <Text size="sm">{t('connections.admins')}</Text>}
        {mayConnect && <Actions provider={provider} connection={own} isAvailable={isAvailable} />}
        {others.length > 0 && <Others connections={others} />}
      </Stack>
    </Panel>
  );
}

/** Status of a connection: since when, last synchronization, and errors with their fix. */
function State({ connection }: { connection: Integration }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { status, lastError, lastSync, connectedAt } = connection;
  const isBroken = status !== 'connected';
  return (
    <>
      <Text size="sm" aria-live="polite">
        {t('connections.since', { when: format.moment(connectedAt) })}
        {' · '}
        {lastSync
          ? t('connections.lastSync', { when: format.moment(lastSync) })
          : t('connections.neverSynced')}
      </Text>
      {(lastError || isBroken) && (
        <Alert color={isBroken ? 'red' : 'yellow'} title={t(`connections.problem.${status}`)}>
          <Stack gap={4}>
            {lastError && <span>{lastError}</span>}
            <span>{t(`connections.whatToDo.${status}`)}</span>
          </Stack>
        </Alert>
      )}
    </>
  );
}

function Actions({
  provider,
  connection,
  isAvailable,
}: {
  provider: OAuthProviderName;
  connection: Integration | undefined;
  isAvailable: boolean;
}) {
  const { t } = useTranslation();
  const connect = useConnect();
  const sync = useSyncNow();
  const disconnect = useAskToDisconnect();
  if (!connection && !isAvailable) return null;
  const isGood = connection?.status === 'connected';
  return (
    <Group gap="xs">
      {isAvailable && (
        <Button
          variant={isGood ? 'default' : 'filled'}
          loading={connect.isPending || connect.isSuccess}
          onClick={() => connect.mutate(provider)}
        >
          {connection ? t('connections.again') : t('connections.connect')}
        </Button>
      )}
      {connection && isAvailable && connection.status !== 'expired' && (
        <Button
          variant="default"
          leftSection={<RefreshCw size={15} />}
          loading={sync.isPending}
          onClick={() =>
            sync.mutate(connection.id, { onSuccess: () => notifyDone(t('connections.syncing')) })
          }
        >
          {t('connections.sync')}
        </Button>
      )}
      {connection && (
        <Button
          variant="subtle"
          color="red"
          loading={disconnect.isPending}
          onClick={() => disconnect.ask(connection, t(`connections.${provider}.name`))}
        >
          {t('connections.disconnect')}
        </Button>
      )}
    </Group>
  );
}

/** Other users' connections. Admins can end those of users who have left. */
function Others({ connections }: { connections: readonly Integration[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const disconnect = useAskToDisconnect();
  return (
    <Stack gap={6} component="section" aria-label={t('connections.others')}>
      <Text size="sm" fw={600}>
        {t('connections.others')}
      </Text>
      {connections.map((one) => (
        <Group key={one.id} justify="space-between" gap="xs">
          <Group gap="xs">
            <PersonName name={nameOf(one.userId)} />
            <StatusBadge value={one.status} />
            {one.lastSync && (
              <Text size="sm" c="dimmed">
                {format.moment(one.lastSync)}
              </Text>
            )}
          </Group>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={`${t('connections.disconnect')}: ${nameOf(one.userId)}`}
            onClick={() => disconnect.ask(one, nameOf(one.userId))}
          >
            {t('connections.disconnect')}
          </Button>
        </Group>
      ))}
    </Stack>
  );
}

export function useAskToDisconnect() {
  const { t } = useTranslation();
  const disconnect = useDisconnect();
  return {
    isPending: disconnect.isPending,
    ask: (connection: Integration, name: string) =>
      confirm({
        title: t('connections.disconnectTitle', { name }),
        text: t('connections.disconnectText'),
        action: t('connections.disconnect'),
        destructive: true,
        onConfirm: () =>
          disconnect.mutate(connection.id, { onSuccess: () => notifyDone(t('connections.disconnected')) }),
      }),
  };
}
