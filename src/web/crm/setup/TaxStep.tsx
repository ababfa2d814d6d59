import { Checkbox, Modal, Radio, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { useSaveSetting, useSettings } from '../../hooks/company/settings';
import { DialogActions } from '../../ui/DialogActions';
import { NumberField } from '../../ui/NumberField';
import { notifyDone } from '../../ui/notify';

const CURRENCIES = Intl.supportedValuesOf('currency');

/** Currency and tax. That no tax is charged is a decision too, and is stored. */
export function TaxStep({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { settings } = useSettings();
  const saveTax = useSaveSetting('tax');
  const saveCurrency = useSaveSetting('currency');
  const [currency, setCurrency] = useState(settings.currency);
  const [charges, setCharges] = useState('yes');
  const [name, setName] = useState(settings.locale === 'en-US' ? t('setup.tax.salesTax') : settings.tax.name);
  const [percent, setPercent] = useState<string | number>(
    settings.tax.rate > 0 ? settings.tax.rate * 100 : '',
  );
  const [isIncluded, setIncluded] = useState(settings.tax.prices_include_tax);
  const isReady = charges === 'no' || (name.trim() !== '' && Number(percent) > 0);
  const save = async () => {
    if (currency !== settings.currency) await saveCurrency.mutateAsync(currency);
    const rate = charges === 'no' ? 0 : roundMoney(String(percent || 0), 'half_up', 10_000) / 1_000_000;
    await saveTax.mutateAsync({
      name: name.trim() || settings.tax.name,
      rate,
      prices_include_tax: charges === 'yes' && isIncluded,
    });
    notifyDone(t('saved'));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={t('setup.tax.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A failure is shown by the mutation; the form stays open.
          save().catch(() => {});
        }}
      >
        <Stack>
          <Select
            label={t('settings.money.currency')}
            searchable
            limit={40}
            value={currency}
            data={CURRENCIES}
            onChange={(code) => code && setCurrency(code)}
          />
          <Radio.Group label={t('setup.tax.question')} value={charges} onChange={setCharges}>
            <Stack gap="xs" mt="xs">
              <Radio value="yes" label={t('setup.tax.yes')} />
              <Radio value="no" label={t('setup.tax.no')} />
            </Stack>
          </Radio.Group>
          {charges === 'yes' && (
            <SimpleGrid cols={2}>
              <TextInput
                label={t('settings.money.taxName')}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <NumberField
                label={t('settings.money.taxRate')}
                value={percent}
                suffix=" %"
                min={0}
                max={100}
                decimalScale={4}
                onChange={setPercent}
                data-autofocus
              />
            </SimpleGrid>
          )}
          {charges === 'yes' && (
            <Checkbox
              label={t('moneySettings.includesTax')}
              description={t('moneySettings.includesTaxHint')}
              checked={isIncluded}
              onChange={(event) => setIncluded(event.currentTarget.checked)}
            />
          )}
          <DialogActions
            label={t('save')}
            onCancel={onClose}
            isPending={saveTax.isPending || saveCurrency.isPending}
            isDisabled={!isReady}
          />
        </Stack>
      </form>
    </Modal>
  );
}
