import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import type { RecordOf } from '../records/entity';
import { TotalRow } from './DocumentLines';
import { handled } from './use-typed';

interface Properties {
  table: 'quotes' | 'invoices';
  document: RecordOf<'quotes'> | RecordOf<'invoices'>;
  editable: boolean;
}

/** The tax and the total of a quote or invoice. While it is a draft, whether its prices include the tax can be changed. */
export function TaxedTotal({ table, document, editable }: Properties) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), document.currency);
  const save = useSaveRecord<'quotes' | 'invoices'>(table);
  const isIncluded = document.prices_include_tax;
  const taxes = document.taxes as unknown as { name: string; rate: number; net: number; tax: number }[];
  return (
    <>
      {editable && (
        <TotalRow label={t('lines.pricesIncludeTax')}>
          <Switch
            size="sm"
            aria-label={t('lines.pricesIncludeTax')}
            checked={isIncluded}
            onChange={(event) =>
              save
                .mutateAsync({
                  id: document.id,
                  changes: { prices_include_tax: event.currentTarget.checked },
                  offline: {
                    group: `${table}:${document.id}`,
                    label: t('lines.pricesIncludeTax'),
                    seen: document,
                  },
                })
                .catch(handled)
            }
          />
        </TotalRow>
      )}
      {!isIncluded && <TotalRow label={t('lines.taxes')}>{format.money(document.tax)}</TotalRow>}
      <TotalRow label={t('total')} grand>
        {format.money(document.total)}
      </TotalRow>
      {isIncluded &&
        taxes.map(({ name, rate, tax }) => (
          <TotalRow key={rate} label={t('lines.includedTax', { rate: format.rate(rate), name })}>
            {format.money(tax)}
          </TotalRow>
        ))}
    </>
  );
}
