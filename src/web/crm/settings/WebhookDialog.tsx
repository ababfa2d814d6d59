import { Checkbox, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewWebhookEndpoint, WebhookEndpoint } from '@/server/api/connections/webhooks';
import { useAddWebhook, useChangeWebhook } from '../../hooks/company/connections';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { ShownOnce } from '../../ui/ShownOnce';

/** Webhook event types, grouped by subject. */
const EVENTS = {
  sales: [
    'lead.created',
    'lead.converted',
    'opportunity.created',
    'opportunity.closed',
    'quote.sent',
    'quote.accepted',
    'quote.declined',
    'contract.signed',
    'account.created',
    'account.updated',
  ],
  operations: ['event.created', 'event.updated', 'event.cancelled', 'shift.changed'],
  money: [
    'invoice.sent',
    'invoice.paid',
    'invoice.voided',
    'payment.received',
    'payment.refunded',
    'payment.failed',
  ],
} as const satisfies Record<string, NewWebhookEndpoint['events']>;

/** Adds an endpoint, or changes its event types. */
export function WebhookDialog({ endpoint, onClose }: { endpoint?: WebhookEndpoint; onClose: () => void }) {
  const { t } = useTranslation();
  const add = useAddWebhook();
  const change = useChangeWebhook();
  // Idempotency key: a retry after a lost response creates no second endpoint.
  const [key] = useState(() => crypto.randomUUID());
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [events, setEvents] = useState<NewWebhookEndpoint['events']>(endpoint?.events ?? []);
  const failure = add.error ?? change.error;
  const save = () => {
    if (!endpoint) {
      add.mutate({ key, url: url.trim(), events });
      return;
    }
    change.mutate(
      { id: endpoint.id, events },
      {
        onSuccess: () => {
          notifyDone(t('saved'));
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={endpoint ? t('webhooks.choose') : t('webhooks.add')}>
      {add.data ? (
        <ShownOnce
          message={t('webhooks.added')}
          label={t('webhooks.secret')}
          description={t('webhooks.secretText')}
          value={add.data.secret}
          onClose={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <Stack>
            {!endpoint && (
              <TextInput
                label={t('webhooks.url')}
                description={t('webhooks.urlText')}
                type="url"
                placeholder="https://"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
                data-autofocus
                required
              />
            )}
            <Checkbox.Group label={t('webhooks.which')} value={events} onChange={setEvents}>
              <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} mt="xs" verticalSpacing="sm">
                {Object.entries(EVENTS).map(([group, names]) => (
                  <Stack key={group} gap={8}>
                    {names.map((name) => (
                      <Checkbox
                        key={name}
                        value={name}
                        label={t(`webhooks.event.${name.replace('.', '_')}`)}
                      />
                    ))}
                  </Stack>
                ))}
              </SimpleGrid>
            </Checkbox.Group>
            <FormError error={failure} />
            <DialogActions
              label={endpoint ? t('save') : t('add')}
              onCancel={onClose}
              isPending={add.isPending || change.isPending}
              isDisabled={events.length === 0 || !url.trim()}
            />
          </Stack>
        </form>
      )}
    </Modal>
  );
}
