import { Button, Checkbox, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useIdempotencyKey } from '../../hooks/page/idempotency-key';
import { useRpc } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { Failure } from '../../hooks/request/failures';
import type { Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { ask } from '../../hooks/session/session';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone, notifyProblem } from '../../ui/notify';
import { PaymentFields, usePaymentFields } from './PaymentFields';
import { PaymentForm } from './RecordPayment';

/** Refunds a payment in full or in part: through the provider that took it, else as a record of what was given back. */
export function RefundPayment({ payment }: { payment: Row<'payments'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  const [isByHand, setByHand] = useState(false);
  const [isForgiven, setForgiven] = useState(false);
  const credit = useRpc('credit_invoice');
  const refunds = useRecords(
    'payments',
    {
      filters: [
        ['refund_of_id', 'eq', payment.id],
        ['status', 'in', ['pending', 'succeeded']],
      ],
    },
    { enabled: opened },
  ).data;
  // No money came with a credit: it is corrected, not refunded.
  if (
    payment.kind !== 'payment' ||
    payment.status !== 'succeeded' ||
    payment.method === 'credit' ||
    !may('money')
  )
    return null;
  const most = (refunds ?? []).reduce((left, { amount }) => left - amount, payment.amount);
  /** What was given back is owed again, unless it is credited: which is possible once it has arrived. */
  const settle = (amount: number, hasArrived = true) => {
    if (!isForgiven) return;
    if (hasArrived)
      credit.mutate({ invoice_id: payment.invoice_id, amount, reason: t('payment.refundCredit') });
    else notifyProblem(t('payment.creditLater'));
  };
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={open}>
        {t('invoicing.refund')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('invoicing.refundTitle')}>
        {opened && refunds && (
          <Stack>
            <Checkbox
              label={t('payment.notOwed')}
              description={t('payment.notOwedHint')}
              checked={isForgiven}
              onChange={(event) => setForgiven(event.currentTarget.checked)}
            />
            {payment.provider && (
              <Checkbox
                label={t('payment.otherWay')}
                checked={isByHand}
                onChange={(event) => setByHand(event.currentTarget.checked)}
              />
            )}
            {payment.provider && !isByHand ? (
              <ProviderRefund payment={payment} most={most} onRefunded={settle} onClose={close} />
            ) : (
              <PaymentForm
                most={most}
                payment={{
                  invoice_id: payment.invoice_id,
                  currency: payment.currency,
                  kind: 'refund',
                  refund_of_id: payment.id,
                  method: payment.method,
                }}
                done={t('invoicing.refunded')}
                onRecorded={settle}
                onClose={close}
              />
            )}
          </Stack>
        )}
      </Modal>
    </>
  );
}

interface Refund {
  paymentId: string;
  /** Minor units. */
  amount: number;
  /** Idempotency key: with the same one the money is given back once. */
  key: string | undefined;
}

/** Asks the provider that took a payment to give money back. */
function useProviderRefund({
  showsFailure = false,
  onDone,
}: {
  showsFailure?: boolean;
  onDone?: (status: string, amount: number) => void;
} = {}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ paymentId, amount, key }: Refund) =>
      ask<{ status: string }>(`/api/payments/${paymentId}/refunds`, {
        method: 'POST',
        headers: { 'idempotency-key': key ?? '' },
        body: JSON.stringify({ amount }),
      }),
    meta: { showsFailure },
    onSuccess: ({ status }, { amount }) => {
      notifyDone(t(status === 'succeeded' ? 'payment.givenBack' : 'payment.onItsWay'));
      onDone?.(status, amount);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}

function ProviderRefund({
  payment,
  most,
  onRefunded,
  onClose,
}: {
  payment: Row<'payments'>;
  most: number;
  /** @param hasArrived whether the money has gone back at once */
  onRefunded: (amount: number, hasArrived: boolean) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { headers, renew } = useIdempotencyKey();
  const refund = useProviderRefund({
    showsFailure: true,
    onDone: (status, amount) => {
      onRefunded(amount, status === 'succeeded');
      onClose();
    },
  });
  const fields = usePaymentFields({ amount: most, currency: payment.currency });
  const { amount } = fields.values;
  const submit = () =>
    refund.mutate(
      { paymentId: payment.id, amount, key: headers['idempotency-key'] },
      // What was refused is over; of anything else it is not known, and the same key asks again.
      {
        onError: (error) => {
          if (error instanceof Failure && error.code === 'payment_refused') renew();
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
          {t('payment.throughProvider')}
        </Text>
        <PaymentFields fields={fields} most={most} onlyAmount />
        <FormError error={refund.error} />
        <DialogActions
          label={t('payment.giveBack')}
          onCancel={onClose}
          isPending={refund.isPending}
          isDisabled={amount <= 0 || amount > most}
        />
      </Stack>
    </form>
  );
}

/** Asks the provider again about a refund of which it is not known whether it was made. */
export function RetryRefund({ refund }: { refund: Row<'payments'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const again = useProviderRefund();
  const { refund_of_id: paymentId, provider, provider_id, status, amount, idempotency_key } = refund;
  if (!paymentId || !provider || provider_id || status !== 'pending' || !idempotency_key || !may('money'))
    return null;
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      loading={again.isPending}
      onClick={() => again.mutate({ paymentId, amount, key: idempotency_key })}
    >
      {t('tryAgain')}
    </Button>
  );
}
