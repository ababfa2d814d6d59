import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { NumberField } from '../../ui/NumberField';
import type { Part } from './plan';

type Due = 'acceptance' | 'date' | 'before';

/** A percentage or an amount. */
export function Share({
  part,
  digits,
  scale,
  currency,
  onChange,
}: {
  part: Part;
  digits: number;
  scale: number;
  currency: string;
  onChange: (changes: Partial<Part>) => void;
}) {
  const { t } = useTranslation();
  const isPercent = part.type === 'percent';
  return (
    <Group gap={6} wrap="nowrap" align="flex-end">
      <NumberField
        label={t('plan.share')}
        w={88}
        hideControls
        required
        min={0}
        {...(isPercent ? { max: 100 } : {})}
        decimalScale={isPercent ? 4 : digits}
        value={isPercent ? (part.value ?? '') : (part.value ?? 0) / scale}
        onChange={(next) =>
          onChange({ value: isPercent ? Number(next) : roundMoney(next || 0, 'half_up', scale) })
        }
      />
      <Select
        aria-label={t('plan.kind')}
        w={70}
        value={part.type}
        data={[
          { value: 'percent', label: '%' },
          { value: 'amount', label: currency },
        ]}
        onChange={(type) => onChange({ type: type as Part['type'], value: 0 })}
      />
    </Group>
  );
}

/** When a part is due: a date, days before the event, or on acceptance. */
export function DueInput({
  part,
  choices,
  today,
  usual,
  onChange,
}: {
  part: Part;
  choices: readonly Due[];
  today: string;
  /** Days before the event, where none were chosen yet. */
  usual: number;
  onChange: (changes: Partial<Part>) => void;
}) {
  const { t } = useTranslation();
  const due: Due = part.days_before !== null ? 'before' : part.due_date ? 'date' : 'acceptance';
  const choose = (next: Due) =>
    onChange({
      due_date: next === 'date' ? (part.due_date ?? today) : null,
      days_before: next === 'before' ? usual : null,
    });
  return (
    <Group gap={6} wrap="nowrap" align="flex-end">
      <Select
        label={t('plan.due')}
        w={172}
        value={choices.includes(due) ? due : 'date'}
        data={choices.map((value) => ({ value, label: t(`plan.dueOn.${value}`) }))}
        onChange={(next) => next && choose(next as Due)}
      />
      {due === 'before' ? (
        <NumberField
          aria-label={t('plan.days')}
          suffix={` ${t('plan.daysUnit')}`}
          w={104}
          min={0}
          max={3650}
          allowDecimal={false}
          value={part.days_before ?? ''}
          // The date is counted from the event again.
          onChange={(days) => onChange({ days_before: Number(days), due_date: null })}
        />
      ) : (
        due === 'date' && (
          <TextInput
            aria-label={t('plan.dueOn.date')}
            type="date"
            w={138}
            required
            value={part.due_date ?? ''}
            onChange={(e) => onChange({ due_date: e.target.value || null })}
          />
        )
      )}
    </Group>
  );
}

/** Divides what is not paid into equal monthly instalments. */
export function Monthly({
  first,
  onSplit,
}: {
  first: string;
  onSplit: (first: string, count: number) => void;
}) {
  const { t } = useTranslation();
  const [count, setCount] = useState<string | number>(3);
  const [from, setFrom] = useState(first);
  return (
    <Group gap={6} align="center">
      <Text size="sm">{t('plan.monthly')}</Text>
      <NumberField
        aria-label={t('plan.count')}
        size="xs"
        w={64}
        min={2}
        max={36}
        allowDecimal={false}
        value={count}
        onChange={setCount}
      />
      <TextInput
        aria-label={t('plan.from')}
        size="xs"
        type="date"
        value={from}
        onChange={(e) => setFrom(e.target.value)}
      />
      <Button
        variant="default"
        size="compact-sm"
        disabled={!from || Number(count) < 2}
        onClick={() => onSplit(from, Number(count))}
      >
        {t('plan.split')}
      </Button>
    </Group>
  );
}
