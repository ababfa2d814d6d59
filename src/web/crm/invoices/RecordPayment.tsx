import { Button, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import type { Row } from '../../hooks/request/query';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import type { RecordOf } from '../records/entity';
import { PaymentFields, usePaymentFields } from './PaymentFields';

export function RecordPayment({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      {/* What is due next is computed when an invoice is issued; until then the form would begin with the whole balance. */}
      <Button onClick={open} disabled={invoice.next_due_amount === 0}>
        {t('invoicing.record')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('invoicing.record')}>
        {opened && (
          <PaymentForm
            most={invoice.balance ?? 0}
            usual={invoice.next_due_amount}
            payment={{ invoice_id: invoice.id, currency: invoice.currency, kind: 'payment' }}
            done={t('invoicing.recorded')}
            onClose={close}
          />
        )}
      </Modal>
    </>
  );
}

interface FormProperties {
  /** Maximum amount, in minor units. */
  most: number;
  /** What is filled in: the instalment that is due next. */
  usual?: number;
  payment: Partial<Row<'payments'>>;
  done: string;
  onRecorded?: (amount: number) => void;
  onClose: () => void;
}

/** Records a payment or refund by hand. */
export function PaymentForm({ most, usual, payment, done, onRecorded, onClose }: FormProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const save = useSaveRecord('payments');
  const fields = usePaymentFields({
    amount: usual || most,
    currency: payment.currency ?? format.currency,
    ...(payment.method ? { method: payment.method } : {}),
  });
  const { amount } = fields.values;
  // Idempotency key: a double click or a retry records one payment.
  const key = useRef(crypto.randomUUID());
  const submit = () =>
    save.mutate(
      {
        changes: {
          ...payment,
          ...fields.values,
          status: 'succeeded',
          idempotency_key: key.current,
        },
      },
      {
        onSuccess: () => {
          notifyDone(done);
          onRecorded?.(amount);
          onClose();
        },
        onSettled: () => void client.invalidateQueries({ queryKey: ['records', 'invoices'] }),
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <PaymentFields fields={fields} most={most} />
        <FormError error={save.error} />
        <DialogActions
          label={t('save')}
          onCancel={onClose}
          isPending={save.isPending}
          isDisabled={amount <= 0 || amount > most}
        />
      </Stack>
    </form>
  );
}
