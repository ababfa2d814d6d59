import { Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useRpc, useSaveRecord } from '../../hooks/records/changes';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import type { RecordOf } from '../records/entity';
import { type OpenInvoice, useOpenInvoices } from './open-invoices';

/** What becomes of each invoice, by its id. */
type Choices = Record<string, 'keep' | 'void' | 'credit'>;

/** Cancels an event. Says which of its invoices are open, and asks what becomes of each. */
export function CancelEvent({ event, onClose }: { event: RecordOf<'events'>; onClose: () => void }) {
  const { t } = useTranslation();
  const cancel = useRpc('cancel_event', { showsFailure: true });
  const save = useSaveRecord('events');
  const { data: open } = useOpenInvoices(event.id);
  const [reason, setReason] = useState('');
  const [choices, setChoices] = useState<Choices>({});
  const run = () => {
    const settled = Object.entries(choices).filter(([, choice]) => choice !== 'keep');
    const before = event.status;
    cancel.mutate(
      { event_id: event.id, reason, invoices: Object.fromEntries(settled) },
      {
        onSuccess: () => {
          // Restoring the event does not restore a voided or credited invoice.
          const undo = () => save.mutate({ id: event.id, changes: { status: before } });
          if (settled.length > 0) notifyDone(t('cancelling.done'));
          else notifyDone(t('cancelling.done'), undo);
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={t('cancelling.title')}>
      <Stack>
        <Text size="sm">{t('cancelling.text')}</Text>
        <TextInput
          label={t('field.cancel_reason')}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
          data-autofocus
        />
        {!open && <Lines count={2} />}
        {open && open.length > 0 && (
          <Stack gap="sm">
            <Text size="sm" fw={600}>
              {t('cancelling.open', { count: open.length })}
            </Text>
            {open.map((invoice) => (
              <InvoiceChoice
                key={invoice.id}
                invoice={invoice}
                value={choices[invoice.id]}
                onChange={(choice) => setChoices({ ...choices, [invoice.id]: choice })}
              />
            ))}
          </Stack>
        )}
        <FormError error={cancel.error} />
        <DialogActions
          label={t('events.become.cancelled')}
          cancelLabel={t('cancelling.not')}
          onCancel={onClose}
          onConfirm={run}
          isPending={cancel.isPending}
          isDisabled={!open || open.some(({ id }) => choices[id] === undefined)}
          isDangerous
        />
      </Stack>
    </Modal>
  );
}

function InvoiceChoice({
  invoice,
  value,
  onChange,
}: {
  invoice: OpenInvoice;
  value: Choices[string] | undefined;
  onChange: (choice: Choices[string]) => void;
}) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), invoice.currency);
  const amount = format.money(invoice.balance);
  const received = invoice.paid - invoice.credited;
  const isDraft = invoice.status === 'draft';
  const settling = invoice.paid === 0 ? 'void' : 'credit';
  const words = {
    void: isDraft ? 'voidDraft' : 'void',
    credit: 'credit',
    keep: isDraft ? 'keepDraft' : 'keep',
  };
  return (
    <div>
      <Select
        label={invoice.invoice_number ?? t('cancelling.draft', { amount })}
        description={[
          !isDraft && t('cancelling.owed', { amount, total: format.money(invoice.total) }),
          received > 0 && t('cancelling.paid', { amount: format.money(received) }),
        ]
          .filter(Boolean)
          .join(' ')}
        placeholder={t('cancelling.choose')}
        value={value ?? null}
        data={([settling, 'keep'] as const).map((choice) => ({
          value: choice,
          label: t(`cancelling.${words[choice]}`, { amount }),
        }))}
        onChange={(choice) => choice && onChange(choice as Choices[string])}
      />
    </div>
  );
}
