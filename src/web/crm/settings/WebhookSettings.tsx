import { ActionIcon, Anchor, Button, Collapse, Group, Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronDown, Ellipsis, Pause, Play, Trash2, Webhook as WebhookIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { WebhookEndpoint } from '@/server/api/connections/webhooks';
import {
  useChangeWebhook,
  useDeleteWebhook,
  useTestWebhook,
  useWebhooks,
} from '../../hooks/company/connections';
import { useFormat } from '../../hooks/format';
import { serverAddress } from '../../hooks/page/address';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { StatusBadge } from '../../ui/StatusBadge';
import { Deliveries } from './Deliveries';
import { ListPanel } from './ListPanel';
import classes from './Settings.module.css';
import { WebhookDialog } from './WebhookDialog';

/** Webhook endpoints that receive the tenant's events. */
export function WebhookSettings() {
  const { t } = useTranslation();
  const query = useWebhooks();
  const [adding, { open, close }] = useDisclosure();
  const endpoints = query.data?.endpoints ?? [];
  return (
    <ListPanel
      title={t('settings.webhooks.title')}
      text={
        <>
          {t('webhooks.text')}{' '}
          <Anchor href={serverAddress('/docs')} target="_blank" inherit underline="always">
            {t('webhooks.docs')}
          </Anchor>
        </>
      }
      add={{ label: t('webhooks.add'), onClick: open }}
      query={query}
      empty={
        endpoints.length === 0
          ? { icon: WebhookIcon, title: t('webhooks.none'), text: t('webhooks.noneText') }
          : null
      }
      after={adding && <WebhookDialog onClose={close} />}
    >
      {endpoints.map((endpoint) => (
        <Endpoint key={endpoint.id} endpoint={endpoint} />
      ))}
    </ListPanel>
  );
}

function Endpoint({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { t } = useTranslation();
  const format = useFormat();
  const test = useTestWebhook();
  const [showsDeliveries, deliveries] = useDisclosure();
  const { id, url, events, status, lastError, lastDelivery } = endpoint;
  const isPaused = status === 'paused';
  const testNow = () =>
    test.mutate(id, {
      onSuccess: () => {
        notifyDone(t('webhooks.tested'));
        deliveries.open();
      },
    });
  return (
    <section className={classes.entry} aria-label={url}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.words}>
          <Text fw={550} className={classes.address}>
            {url}
          </Text>
          <Text size="sm" c="dimmed">
            {t('webhooks.events', { count: events.length })}
            {' · '}
            {lastDelivery
              ? t('webhooks.lastDelivery', { when: format.moment(lastDelivery) })
              : t('webhooks.noDelivery')}
          </Text>
        </div>
        <StatusBadge value={status} />
      </Group>
      {lastError && !isPaused && (
        <Text size="sm" c={status === 'error' ? 'red' : undefined} mt={4}>
          {lastError} {t(`webhooks.whatToDo.${status}`)}
        </Text>
      )}
      {isPaused && (
        <Text size="sm" mt={4}>
          {t('webhooks.whatToDo.paused')}
        </Text>
      )}
      <Group gap="xs" mt="xs">
        <Button
          size="compact-sm"
          variant="default"
          rightSection={<ChevronDown size={14} />}
          aria-expanded={showsDeliveries}
          onClick={deliveries.toggle}
        >
          {t('webhooks.deliveries')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={isPaused}
          loading={test.isPending}
          onClick={testNow}
        >
          {t('webhooks.test')}
        </Button>
        <EndpointMenu endpoint={endpoint} />
      </Group>
      <Collapse expanded={showsDeliveries}>{showsDeliveries && <Deliveries endpoint={endpoint} />}</Collapse>
    </section>
  );
}

function EndpointMenu({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { t } = useTranslation();
  const change = useChangeWebhook();
  const remove = useDeleteWebhook();
  const [editing, { open, close }] = useDisclosure();
  const { id, url } = endpoint;
  const isPaused = endpoint.status === 'paused';
  const pause = () =>
    change.mutate(
      { id, paused: !isPaused },
      { onSuccess: () => notifyDone(isPaused ? t('webhooks.resumed') : t('webhooks.paused')) },
    );
  const askToDelete = () =>
    confirm({
      title: t('deleteTitle', { name: url }),
      text: t('webhooks.deleteText'),
      action: t('delete'),
      destructive: true,
      onConfirm: () => remove.mutate(id, { onSuccess: () => notifyDone(t('deleted', { count: 1 })) }),
    });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={isPaused ? <Play size={14} /> : <Pause size={14} />}
        loading={change.isPending}
        onClick={pause}
      >
        {isPaused ? t('webhooks.resume') : t('webhooks.pause')}
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={26} aria-label={`${t('more')}: ${url}`}>
            <Ellipsis size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={open}>{t('webhooks.choose')}</Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={askToDelete}>
            {t('delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {editing && <WebhookDialog endpoint={endpoint} onClose={close} />}
    </>
  );
}
