import { Button, Menu, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronDown, Eye } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/address';
import { useRpc, useSaveRecord } from '../../hooks/changes';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/roles';
import { notifyDone } from '../../ui/notify';
import type { Invoice } from './InvoiceScreen';

const METHODS = ['bank_transfer', 'card', 'cash', 'check', 'other'];

/** Preview, issue, record a payment, credit, void. */
export function InvoiceActions({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation();
  const may = useMay();
  const save = useSaveRecord('invoices');
  const [paying, payer] = useDisclosure();
  const [crediting, crediter] = useDisclosure();
  const open = ['sent', 'partially_paid'].includes(invoice.status);
  const become = (status: string) =>
    save.mutate({ id: invoice.id, changes: { status } }, { onSuccess: () => notifyDone(t('saved')) });
  return (
    <>
      <Button
        variant="default"
        leftSection={<Eye size={15} />}
        onClick={() => window.open(serverAddress(`/api/documents/invoices/${invoice.id}.pdf`), '_blank')}
      >
        {t('preview')}
      </Button>
      {may('money') && invoice.status === 'draft' && (
        <Button onClick={() => become('sent')} loading={save.isPending}>
          {t('invoice.issue')}
        </Button>
      )}
      {may('money') && open && (
        <>
          <Button onClick={payer.open}>{t('invoice.pay')}</Button>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <Button variant="default" rightSection={<ChevronDown size={15} />}>
                {t('more')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={crediter.open}>{t('invoice.credit')}</Menu.Item>
              <Menu.Item color="red" onClick={() => become('void')}>
                {t('invoice.void')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      <RecordPayment invoice={invoice} opened={paying} onClose={payer.close} />
      <Credit invoice={invoice} opened={crediting} onClose={crediter.close} />
    </>
  );
}

interface DialogProperties {
  invoice: Invoice;
  opened: boolean;
  onClose: () => void;
}

function RecordPayment({ invoice, opened, onClose }: DialogProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const [amount, setAmount] = useState<number | string>('');
  const [method, setMethod] = useState('bank_transfer');
  const [reference, setReference] = useState('');
  const save = useSaveRecord('payments');
  const whole = (invoice.balance ?? 0) / format.scale;
  const run = () =>
    save.mutate(
      {
        changes: {
          invoice_id: invoice.id,
          amount: Math.round(Number(amount === '' ? whole : amount) * format.scale),
          currency: invoice.currency,
          method,
          reference: reference || null,
        },
      },
      {
        onSuccess: () => {
          notifyDone(t('invoice.payRecorded'));
          setAmount('');
          onClose();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={onClose} title={t('invoice.pay')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Stack>
          <NumberInput
            label={t('field.amount')}
            description={t('invoice.openAmount', { amount: format.money(invoice.balance) })}
            value={amount === '' ? whole : amount}
            onChange={setAmount}
            decimalScale={2}
            fixedDecimalScale
            min={0.01}
            hideControls
            data-autofocus
          />
          <Select
            label={t('field.method')}
            value={method}
            allowDeselect={false}
            data={METHODS.map((value) => ({ value, label: t(`option.${value}`) }))}
            onChange={(next) => setMethod(next ?? method)}
          />
          <TextInput
            label={t('field.reference')}
            value={reference}
            onChange={(e) => setReference(e.target.value)}
          />
          <Button type="submit" loading={save.isPending}>
            {t('invoice.pay')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function Credit({ invoice, opened, onClose }: DialogProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const [amount, setAmount] = useState<number | string>('');
  const [reason, setReason] = useState('');
  const credit = useRpc('credit_invoice');
  const run = () =>
    credit.mutate(
      { invoice_id: invoice.id, amount: Math.round(Number(amount) * format.scale), reason },
      {
        onSuccess: () => {
          notifyDone(t('saved'));
          onClose();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={onClose} title={t('invoice.credit')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (Number(amount) > 0 && reason) run();
        }}
      >
        <Stack>
          <NumberInput
            label={t('field.amount')}
            value={amount}
            onChange={setAmount}
            decimalScale={2}
            hideControls
            data-autofocus
          />
          <TextInput label={t('invoice.reason')} value={reason} onChange={(e) => setReason(e.target.value)} />
          <Button type="submit" loading={credit.isPending} disabled={!(Number(amount) > 0) || !reason}>
            {t('invoice.credit')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
