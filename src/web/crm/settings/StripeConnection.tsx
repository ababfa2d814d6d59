import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Integration } from '@/server/api/connections/integrations';
import { useConnectStripe, useStripeWebhook } from '../../hooks/company/connections';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import { SecretText } from '../../ui/SecretText';
import { StatusBadge } from '../../ui/StatusBadge';
import { useAskToDisconnect } from './Connection';

interface Properties {
  connection: Integration | undefined;
  /** The address that Stripe reports to, and what it must report. */
  webhook: { url: string; events: string[] };
}

/** Card payments through the tenant's own Stripe account. */
export function StripeConnection({ connection, webhook }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const disconnect = useAskToDisconnect();
  const [isEntering, setEntering] = useState(false);
  const name = t('connections.stripe.name');
  return (
    <Panel title={name} aside={<StatusBadge value={connection?.status ?? 'not_connected'} />}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('connections.stripe.text')}
        </Text>
        {connection && (
          <Text size="sm">{t('connections.since', { when: format.moment(connection.connectedAt) })}</Text>
        )}
        {may('settings') && connection && !isEntering && <WebhookProblem />}
        {!may('settings') && !connection && <Text size="sm">{t('connections.admins')}</Text>}
        {may('settings') && isEntering && <StripeKeys webhook={webhook} onDone={() => setEntering(false)} />}
        {may('settings') && !isEntering && (
          <Group gap="xs">
            <Button variant={connection ? 'default' : 'filled'} onClick={() => setEntering(true)}>
              {connection ? t('connections.stripe.newKeys') : t('connections.connect')}
            </Button>
            {connection && (
              <Button
                variant="subtle"
                color="red"
                loading={disconnect.isPending}
                onClick={() => disconnect.ask(connection, name)}
              >
                {t('connections.disconnect')}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

/** What keeps payments from being taken or reported, as far as Stripe says. */
function WebhookProblem() {
  const { t } = useTranslation();
  const { data } = useStripeWebhook();
  if (!data || data.state === 'reports' || data.state === 'unknown') return null;
  return (
    <Alert color={data.state === 'events_missing' ? 'yellow' : 'red'}>
      {t(`connections.stripe.problem.${data.state}`, { events: data.missingEvents.join(', ') })}
    </Alert>
  );
}

function StripeKeys({ webhook, onDone }: Pick<Properties, 'webhook'> & { onDone: () => void }) {
  const { t } = useTranslation();
  const [secretKey, setSecretKey] = useState('');
  const [webhookSecret, setWebhookSecret] = useState('');
  const connect = useConnectStripe();
  const toggle = { 'aria-label': t('signIn.showPassword') };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        connect.mutate(
          { secretKey: secretKey.trim(), webhookSecret: webhookSecret.trim() },
          {
            onSuccess: () => {
              notifyDone(t('connections.connectedNow', { name: t('connections.stripe.name') }));
              onDone();
            },
          },
        );
      }}
    >
      <Stack maw={560}>
        <SecretText
          label={t('connections.stripe.webhookUrl')}
          description={t('connections.stripe.webhookUrlText', { events: webhook.events.join(', ') })}
          value={webhook.url}
        />
        <PasswordInput
          label={t('connections.stripe.secretKey')}
          description={t('connections.stripe.secretKeyText')}
          autoComplete="off"
          visibilityToggleButtonProps={toggle}
          value={secretKey}
          onChange={(event) => setSecretKey(event.target.value)}
        />
        <PasswordInput
          label={t('connections.stripe.webhookSecret')}
          description={t('connections.stripe.webhookSecretText')}
          autoComplete="off"
          visibilityToggleButtonProps={toggle}
          value={webhookSecret}
          onChange={(event) => setWebhookSecret(event.target.value)}
        />
        <FormError error={connect.error} />
        <Group gap="xs">
          <Button type="submit" loading={connect.isPending} disabled={!secretKey || !webhookSecret}>
            {t('connections.connect')}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t('cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
