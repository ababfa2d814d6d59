import { useTranslation } from 'react-i18next';
import type { formatIn } from '../../hooks/format';
import { NumberField } from '../../ui/NumberField';

interface Properties {
  /** In major units, as typed. */
  value: string | number;
  onChange: (value: string | number) => void;
  /** Largest amount, in minor units. */
  most: number;
  format: ReturnType<typeof formatIn>;
  /** Whether the decimals are always shown. */
  fixedDecimals?: boolean;
}

/** An amount of an invoice's money, with what is left of it. */
export function AmountField({ value, onChange, most, format, fixedDecimals = false }: Properties) {
  const { t } = useTranslation();
  return (
    <NumberField
      label={t('invoicing.amount')}
      description={t('invoicing.left', { amount: format.money(most) })}
      value={value}
      onChange={onChange}
      min={0}
      max={most / format.scale}
      decimalScale={format.digits}
      fixedDecimalScale={fixedDecimals}
      hideControls
      data-autofocus
    />
  );
}
