import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/changes';
import { useFormat } from '../../hooks/format';
import type { Row } from '../../hooks/query';
import { useRecords } from '../../hooks/records';
import { useMay } from '../../hooks/roles';
import type { RecordOf } from '../../ui/entity';
import { NumberField } from '../../ui/NumberField';
import { explain, notifyDone } from '../../ui/notify';

const METHODS = ['bank_transfer', 'card', 'cash', 'check', 'other'];

export function RecordPayment({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button onClick={open}>{t('invoicing.record')}</Button>
      <Modal opened={opened} onClose={close} title={t('invoicing.record')}>
        {opened && (
          <PaymentForm
            most={invoice.balance ?? 0}
            payment={{ invoice_id: invoice.id, currency: invoice.currency, kind: 'payment' }}
            done={t('invoicing.recorded')}
            onClose={close}
          />
        )}
      </Modal>
    </>
  );
}

/** Refunds a payment in full or in part. */
export function RefundPayment({ payment }: { payment: Row<'payments'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
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
  if (payment.kind !== 'payment' || payment.status !== 'succeeded' || !may('money')) return null;
  const given = (refunds ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={open}>
        {t('invoicing.refund')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('invoicing.refundTitle')}>
        {opened && refunds && (
          <PaymentForm
            most={payment.amount - given}
            payment={{
              invoice_id: payment.invoice_id,
              currency: payment.currency,
              kind: 'refund',
              refund_of_id: payment.id,
              method: payment.method,
            }}
            done={t('invoicing.refunded')}
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
  payment: Partial<Row<'payments'>>;
  done: string;
  onClose: () => void;
}

function PaymentForm({ most, payment, done, onClose }: FormProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const save = useSaveRecord('payments');
  const [amount, setAmount] = useState<string | number>(most / format.scale);
  const [method, setMethod] = useState(payment.method ?? 'bank_transfer');
  const [reference, setReference] = useState('');
  // Idempotency key: a double click or a retry records one payment.
  const key = useRef(crypto.randomUUID());
  const minor = Math.round(Number(amount) * format.scale);
  const submit = () =>
    save.mutate(
      {
        changes: {
          ...payment,
          amount: minor,
          method,
          reference: reference || null,
          status: 'succeeded',
          idempotency_key: key.current,
        },
      },
      {
        onSuccess: () => {
          notifyDone(done);
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
        <NumberField
          label={t('invoicing.amount')}
          description={t('invoicing.left', { amount: format.money(most) })}
          value={amount}
          onChange={setAmount}
          min={0}
          max={most / format.scale}
          decimalScale={Math.round(Math.log10(format.scale))}
          fixedDecimalScale
          hideControls
          data-autofocus
        />
        <Select
          label={t('field.method')}
          value={method}
          allowDeselect={false}
          data={METHODS.map((one) => ({ value: one, label: t(`option.${one}`) }))}
          onChange={(next) => next && setMethod(next)}
        />
        <TextInput
          label={t('field.reference')}
          value={reference}
          onChange={(event) => setReference(event.target.value)}
        />
        {save.error && <Alert color="red">{explain(save.error)}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={minor <= 0 || minor > most}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
