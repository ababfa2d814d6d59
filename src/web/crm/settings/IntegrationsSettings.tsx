import { Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useIntegrations } from '../../hooks/company/connections';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { notifyDone, notifyProblem } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { Connection } from './Connection';
import { StripeConnection } from './StripeConnection';

/** Integrations of the tenant and its users: calendars, accounting, payments. */
export function IntegrationsSettings() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useIntegrations();
  useReturn();
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (isPending) {
    return (
      <Panel title={t('settings.integrations.title')}>
        <Lines />
      </Panel>
    );
  }
  return (
    <Stack gap="md">
      <Panel
        title={t('connections.mail.name')}
        aside={<StatusBadge value={data.sendsMail ? 'connected' : 'not_available'} />}
      >
        <Text size="sm" c="dimmed">
          {t(data.sendsMail ? 'connections.mail.text' : 'connections.mail.notSent')}
        </Text>
      </Panel>
      {(['google', 'quickbooks'] as const).map((provider) => (
        <Connection
          key={provider}
          provider={provider}
          connections={data.integrations.filter((one) => one.provider === provider)}
          isAvailable={data.available.includes(provider)}
        />
      ))}
      <StripeConnection
        connection={data.integrations.find(({ provider }) => provider === 'stripe')}
        webhook={{ url: data.stripeWebhookUrl, events: data.stripeWebhookEvents }}
      />
    </Stack>
  );
}

/** Shows the result of an OAuth redirect once, from the URL. */
function useReturn(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { connected, refused, failed } = useScreenSearch();
  const isSaid = useRef(false);
  useEffect(() => {
    if (isSaid.current || !(connected || refused || failed)) return;
    isSaid.current = true;
    if (connected) notifyDone(t('connections.connectedNow', { name: t(`connections.${connected}.name`) }));
    if (refused) notifyProblem(t('connections.refused', { name: t(`connections.${refused}.name`) }));
    if (failed) notifyProblem(t(`connections.failures.${failed}`, t('connections.failed')));
    void navigate({ to: '.', search: { tab: 'integrations' }, replace: true });
  }, [connected, refused, failed, navigate, t]);
}
