import { Button, Checkbox, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRpc } from '../../hooks/records/changes';
import type { Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { PaymentFields, usePaymentFields } from './PaymentFields';

/**
 * Corrects an entry made by mistake: it is taken back by another, and the right one is recorded. Both stay in the list.
 *
 * @param left what is not refunded or taken back, minor units
 * @param balance open balance of the invoice, minor units
 */
export function CorrectPayment({
  payment,
  left,
  balance,
}: {
  payment: Row<'payments'>;
  left: number;
  balance: number;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  if (
    !may('money') ||
    payment.kind !== 'payment' ||
    payment.status !== 'succeeded' ||
    payment.provider ||
    left === 0
  )
    return null;
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={open}>
        {t('payment.correct')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('payment.correctTitle')}>
        {opened && <CorrectForm payment={payment} most={left + balance} onClose={close} />}
      </Modal>
    </>
  );
}

function CorrectForm({
  payment,
  most,
  onClose,
}: {
  payment: Row<'payments'>;
  most: number;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const correct = useRpc('correct_payment');
  const fields = usePaymentFields({
    amount: payment.amount,
    currency: payment.currency,
    method: payment.method,
    paidAt: payment.paid_at,
    reference: payment.reference,
    note: payment.note,
  });
  const [isGone, setGone] = useState(false);
  const [reason, setReason] = useState('');
  const { amount, method, paid_at, reference, note } = fields.values;
  const submit = () =>
    correct.mutate(
      {
        payment_id: payment.id,
        reason,
        ...(isGone
          ? {}
          : {
              amount,
              method,
              paid_at: paid_at ?? new Date().toISOString(),
              ...(reference ? { reference } : {}),
              ...(note ? { note } : {}),
            }),
      },
      {
        onSuccess: () => {
          notifyDone(t('payment.correctDone'));
          onClose();
        },
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
        <Text size="sm" c="dimmed">
          {t('payment.correctText')}
        </Text>
        <Checkbox
          label={t('payment.neverCame')}
          checked={isGone}
          onChange={(event) => setGone(event.currentTarget.checked)}
        />
        {!isGone && <PaymentFields fields={fields} most={most} fixedMethod={payment.method === 'credit'} />}
        <TextInput
          label={t('payment.why')}
          placeholder={t('payment.whyExample')}
          value={reason}
          maxLength={1000}
          required
          onChange={(event) => setReason(event.target.value)}
        />
        <FormError error={correct.error} />
        <DialogActions
          label={t('payment.correctNow')}
          onCancel={onClose}
          isPending={correct.isPending}
          isDisabled={!reason.trim() || (!isGone && (amount <= 0 || amount > most))}
        />
      </Stack>
    </form>
  );
}
