import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SettingsPanel } from './SettingsPanel';

const KEYS = ['payment_instructions'] as const;

/** How clients pay, in the company's words. */
export function PaymentInstructions() {
  const { t } = useTranslation();
  return (
    <SettingsPanel title={t('setup.payment.title')} keys={KEYS}>
      {({ payment_instructions }, change) => (
        <Textarea
          label={t('setup.payment.instructions')}
          description={t('setup.payment.instructionsText')}
          placeholder={t('setup.payment.example')}
          value={payment_instructions}
          autosize
          minRows={3}
          maxLength={2000}
          onChange={(event) => change({ payment_instructions: event.target.value })}
        />
      )}
    </SettingsPanel>
  );
}
