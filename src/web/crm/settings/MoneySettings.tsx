import { Checkbox, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import type { Settings } from '../../hooks/company/settings';
import { useFormat } from '../../hooks/format';
import { NumberField } from '../../ui/NumberField';
import { SettingsPanel } from './SettingsPanel';

const CURRENCIES = Intl.supportedValuesOf('currency');
const DEPOSITS = ['none', 'percent', 'amount'] as const;
const ROUNDINGS = ['half_up', 'half_even', 'down'] as const;
const KEYS = [
  'currency',
  'tax',
  'deposit',
  'balance_due_days',
  'rounding',
  'mileage_rate',
  'max_discount_percent',
] as const;

/** Currency, tax, deposit, rounding, mileage rate and discounts. */
export function MoneySettings() {
  const { t } = useTranslation();
  const { scale, currency, digits } = useFormat();
  return (
    <SettingsPanel title={t('settings.money.title')} keys={KEYS}>
      {({ tax, deposit, ...values }, change) => (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('settings.money.currency')}
            searchable
            limit={40}
            value={values.currency}
            data={CURRENCIES}
            onChange={(code) => code && change({ currency: code })}
          />
          <TextInput
            label={t('settings.money.taxName')}
            value={tax.name}
            onChange={(e) => change({ tax: { ...tax, name: e.target.value } })}
          />
          <NumberField
            label={t('settings.money.taxRate')}
            value={roundMoney(tax.rate, 'half_up', 1_000_000) / 10_000}
            suffix=" %"
            min={0}
            max={100}
            decimalScale={4}
            onChange={(percent) => change({ tax: { ...tax, rate: Number(percent) / 100 } })}
          />
          <Checkbox
            label={t('moneySettings.includesTax')}
            description={t('moneySettings.includesTaxHint')}
            checked={tax.prices_include_tax}
            onChange={(e) => change({ tax: { ...tax, prices_include_tax: e.currentTarget.checked } })}
          />
          <Select
            label={t('settings.money.deposit')}
            description={t('moneySettings.depositHint')}
            value={deposit.type}
            data={DEPOSITS.map((value) => ({ value, label: t(`option.${value}`) }))}
            onChange={(type) => change({ deposit: { type: type as Settings['deposit']['type'], value: 0 } })}
          />
          {deposit.type === 'percent' && (
            <NumberField
              label={t('settings.money.depositValue')}
              value={deposit.value}
              min={0}
              max={100}
              suffix=" %"
              onChange={(value) => change({ deposit: { ...deposit, value: Number(value) } })}
            />
          )}
          {deposit.type === 'amount' && (
            <NumberField
              label={t('settings.money.depositValue')}
              value={deposit.value / scale}
              min={0}
              decimalScale={digits}
              suffix={` ${currency}`}
              onChange={(value) =>
                change({ deposit: { ...deposit, value: roundMoney(value || 0, 'half_up', scale) } })
              }
            />
          )}
          <NumberField
            label={t('moneySettings.balanceDue')}
            value={values.balance_due_days}
            min={0}
            max={365}
            allowDecimal={false}
            onChange={(days) => change({ balance_due_days: Number(days) })}
          />
          <Select
            label={t('moneySettings.rounding')}
            description={t('moneySettings.roundingHint')}
            value={values.rounding}
            data={ROUNDINGS.map((value) => ({ value, label: t(`moneySettings.${value}`) }))}
            onChange={(rule) => change({ rounding: rule as Settings['rounding'] })}
          />
          <NumberField
            label={t('settings.money.mileage')}
            description={t('settings.money.mileageHint')}
            value={values.mileage_rate / scale}
            min={0}
            // Official mileage rates have one more digit than the currency: 0.655 per mile.
            decimalScale={digits + 1}
            suffix={` ${currency}`}
            onChange={(value) => change({ mileage_rate: roundMoney(value || 0, 'half_up', scale * 10) / 10 })}
          />
          <NumberField
            label={t('settings.money.maxDiscount')}
            value={values.max_discount_percent}
            suffix=" %"
            min={0}
            max={100}
            onChange={(percent) => change({ max_discount_percent: Number(percent) })}
          />
        </SimpleGrid>
      )}
    </SettingsPanel>
  );
}
