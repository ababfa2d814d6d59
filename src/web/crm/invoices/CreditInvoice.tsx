import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { formatIn, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { NumberField } from '../../ui/NumberField';
import { explain, notifyDone } from '../../ui/notify';
import type { RecordOf } from '../records/entity';

/** Credits a part of a sent invoice, with a reason. */
export function CreditInvoice({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), invoice.currency);
  const credit = useRpc('credit_invoice');
  const [opened, { open, close }] = useDisclosure();
  const [amount, setAmount] = useState<string | number>('');
  const [reason, setReason] = useState('');
  const minor = roundMoney(amount || 0, 'half_up', format.scale);
  const most = invoice.balance ?? 0;
  const run = () =>
    credit.mutate(
      { invoice_id: invoice.id, amount: minor, reason },
      {
        onSuccess: () => {
          notifyDone(t('invoicing.credited'));
          close();
        },
      },
    );
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('invoicing.credit')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('invoicing.creditTitle')}>
        <Stack>
          <NumberField
            label={t('invoicing.amount')}
            description={t('invoicing.left', { amount: format.money(most) })}
            value={amount}
            onChange={setAmount}
            min={0}
            max={most / format.scale}
            decimalScale={format.digits}
            hideControls
            data-autofocus
          />
          <TextInput
            label={t('invoicing.reason')}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          {credit.error && <Alert color="red">{explain(credit.error)}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button
              onClick={run}
              loading={credit.isPending}
              disabled={minor <= 0 || minor > most || !reason.trim()}
            >
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
