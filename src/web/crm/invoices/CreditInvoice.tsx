import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { formatIn, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import type { RecordOf } from '../records/entity';
import { AmountField } from './AmountField';

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
          // The next credit is another one.
          setAmount('');
          setReason('');
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
          <AmountField value={amount} onChange={setAmount} most={most} format={format} />
          <TextInput
            label={t('invoicing.reason')}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <FormError error={credit.error} />
          <DialogActions
            label={t('save')}
            onCancel={close}
            onConfirm={run}
            isPending={credit.isPending}
            isDisabled={minor <= 0 || minor > most || !reason.trim()}
          />
        </Stack>
      </Modal>
    </>
  );
}
