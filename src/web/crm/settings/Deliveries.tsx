import { Button, Group, Text } from '@mantine/core';
import { Inbox } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { WebhookDelivery, WebhookEndpoint } from '@/server/api/connections/webhooks';
import { useDeliverAgain, useDeliveries } from '../../hooks/company/connections';
import { useFormat } from '../../hooks/format';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from './Settings.module.css';

/** Recent deliveries of a webhook endpoint, with retry for failed ones. */
export function Deliveries({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useDeliveries(endpoint.id);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (isPending) return <Lines count={2} />;
  if (data.deliveries.length === 0)
    return <EmptyState icon={Inbox} title={t('webhooks.noDeliveries')} small />;
  return (
    <ul className={classes.deliveries}>
      {data.deliveries.map((delivery) => (
        <OneDelivery key={delivery.id} delivery={delivery} endpoint={endpoint} />
      ))}
    </ul>
  );
}

function OneDelivery({ delivery, endpoint }: { delivery: WebhookDelivery; endpoint: WebhookEndpoint }) {
  const { t } = useTranslation();
  const format = useFormat();
  const again = useDeliverAgain(endpoint.id);
  const { id, type, occurredAt, state, attempts, nextAttemptAt, error } = delivery;
  const name = t(`webhooks.event.${type.replace('.', '_')}`);
  const isOver = state !== 'sending' && state !== 'waiting';
  const facts = [
    format.moment(occurredAt),
    attempts > 1 ? t('webhooks.attempts', { count: attempts }) : undefined,
    state === 'retrying' ? t('webhooks.nextAttempt', { when: format.moment(nextAttemptAt) }) : undefined,
  ];
  return (
    <li>
      <div className={classes.words}>
        <Group gap="xs">
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <StatusBadge value={state} />
        </Group>
        <Text size="sm" c="dimmed">
          {facts.filter(Boolean).join(' · ')}
        </Text>
        {error && <Text size="sm">{error}</Text>}
      </div>
      {isOver && endpoint.status !== 'paused' && (
        <Button
          size="compact-sm"
          variant="subtle"
          loading={again.isPending}
          aria-label={`${t('webhooks.again')}: ${name}, ${format.moment(occurredAt)}`}
          onClick={() => again.mutate(id, { onSuccess: () => notifyDone(t('webhooks.sentAgain')) })}
        >
          {t('webhooks.again')}
        </Button>
      )}
    </li>
  );
}
