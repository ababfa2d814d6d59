import { Group, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/changes';
import { useFormat } from '../../hooks/format';
import { Panel } from '../../ui/Panel';

interface Terms {
  id: string;
  discount_type: string;
  discount_value: number;
  deposit_type?: string;
  deposit_value?: number;
  valid_until?: string | null;
  due_date?: string | null;
}

interface Properties {
  table: 'quotes' | 'invoices';
  document: Terms;
  editable: boolean;
}

/** Discount, deposit and dates of a document; the database computes anew with each. */
export function DocumentTerms({ table, document, editable }: Properties) {
  const { t } = useTranslation();
  const save = useSaveRecord(table);
  if (!editable) return null;
  const keep = (changes: Partial<Terms>) => save.mutate({ id: document.id, changes: changes as never });
  const dateField = table === 'quotes' ? 'valid_until' : 'due_date';
  return (
    <Panel title={t('lines.terms')}>
      <Stack gap="md">
        <Adjustment
          label={t('field.discount')}
          type={document.discount_type}
          value={document.discount_value}
          onChange={(discount_type, discount_value) => keep({ discount_type, discount_value })}
        />
        {table === 'quotes' && (
          <Adjustment
            label={t('lines.deposit')}
            type={document.deposit_type ?? 'none'}
            value={document.deposit_value ?? 0}
            onChange={(deposit_type, deposit_value) => keep({ deposit_type, deposit_value })}
          />
        )}
        <TextInput
          type="date"
          label={t(`field.${dateField}`)}
          key={document[dateField]}
          defaultValue={document[dateField] ?? ''}
          onBlur={(event) =>
            event.target.value !== (document[dateField] ?? '') &&
            keep({ [dateField]: event.target.value || null })
          }
        />
      </Stack>
    </Panel>
  );
}

/** None, a percentage, or an amount. */
function Adjustment({
  label,
  type,
  value,
  onChange,
}: {
  label: string;
  type: string;
  value: number;
  onChange: (type: string, value: number) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const scale = type === 'amount' ? format.scale : 1;
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <Group gap="xs" wrap="nowrap">
        <SegmentedControl
          size="xs"
          aria-label={label}
          value={type}
          onChange={(next) => onChange(next, 0)}
          data={['none', 'percent', 'amount'].map((option) => ({
            value: option,
            label: t(`option.${option}`),
          }))}
        />
        {type !== 'none' && (
          <NumberInput
            key={`${type}${value}`}
            size="xs"
            aria-label={label}
            defaultValue={value / scale}
            min={0}
            decimalScale={2}
            suffix={type === 'percent' ? ' %' : ''}
            hideControls
            onBlur={(event) => {
              const typed = Math.round(Number.parseFloat(event.target.value || '0') * scale * 100) / 100;
              if (typed !== value) onChange(type, typed);
            }}
          />
        )}
      </Group>
    </div>
  );
}
