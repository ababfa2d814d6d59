import { Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveSetting, useSettings } from '../../hooks/company/settings';
import { DialogActions } from '../../ui/DialogActions';
import { LinkTo } from '../../ui/LinkTo';
import { NumberField } from '../../ui/NumberField';
import { notifyDone } from '../../ui/notify';

/** How clients pay: in the company's words, with the deposit that reserves a date; and cards by Stripe. */
export function PaymentStep({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { settings } = useSettings();
  const saveText = useSaveSetting('payment_instructions');
  const saveDeposit = useSaveSetting('deposit');
  const [text, setText] = useState(settings.payment_instructions);
  const { deposit } = settings;
  const [percent, setPercent] = useState<string | number>(deposit.type === 'percent' ? deposit.value : 0);
  const save = async () => {
    await saveText.mutateAsync(text.trim());
    const value = Number(percent);
    // A deposit of a fixed amount is kept.
    if (deposit.type !== 'amount' && (deposit.type !== 'percent' || value !== deposit.value)) {
      await saveDeposit.mutateAsync(value > 0 ? { type: 'percent', value } : { type: 'none', value: 0 });
    }
    notifyDone(t('saved'));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={t('setup.payment.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A failure is shown by the mutation; the form stays open.
          save().catch(() => {});
        }}
      >
        <Stack>
          <Textarea
            label={t('setup.payment.instructions')}
            description={t('setup.payment.instructionsText')}
            placeholder={t('setup.payment.example')}
            value={text}
            autosize
            minRows={5}
            maxLength={2000}
            onChange={(event) => setText(event.target.value)}
            data-autofocus
          />
          {deposit.type !== 'amount' && (
            <NumberField
              label={t('setup.payment.deposit')}
              description={t('setup.payment.depositText')}
              value={percent}
              min={0}
              max={100}
              suffix=" %"
              onChange={setPercent}
            />
          )}
          <Text size="sm">
            {t('setup.payment.cards')}{' '}
            <LinkTo to="/settings" search={{ tab: 'integrations' }}>
              {t('setup.payment.stripe')}
            </LinkTo>
          </Text>
          <DialogActions
            label={t('save')}
            onCancel={onClose}
            isPending={saveText.isPending || saveDeposit.isPending}
            isDisabled={text.trim() === ''}
          />
        </Stack>
      </form>
    </Modal>
  );
}
