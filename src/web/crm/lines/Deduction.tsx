import { Group, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Amount } from './LineRow';
import { handled } from './use-typed';

interface Properties {
  kind: string;
  /** In percent, or minor units. */
  value: number;
  label: string;
  /** Of the document. */
  currency: string;
  onChange: (kind: string, value: number) => Promise<unknown>;
}

/** Input for a discount or deposit: none, a percentage or an amount. */
export function Deduction({ kind, value, label, currency, onChange }: Properties) {
  const { t } = useTranslation();
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Select
        aria-label={label}
        w={110}
        size="sm"
        value={kind}
        data={['none', 'percent', 'amount'].map((one) => ({ value: one, label: t(`option.${one}`) }))}
        onChange={(next) => next && onChange(next, 0).catch(handled)}
      />
      {kind !== 'none' && (
        <div style={{ width: 96 }}>
          <Amount
            name="discount"
            value={value}
            currency={kind === 'amount' ? currency : undefined}
            onSave={(next) => onChange(kind, next)}
          />
        </div>
      )}
    </Group>
  );
}
