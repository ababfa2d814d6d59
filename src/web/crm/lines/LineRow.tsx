import { ActionIcon, Group, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { ArrowUp, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import classes from './DocumentLines.module.css';
import type { Line } from './use-lines';

interface Properties {
  line: Line;
  editable: boolean;
  onSave: (changes: Partial<Line>) => void;
  onRemove: () => void;
  /** Absent for the first. */
  onUp?: (() => void) | undefined;
}

/** One line; what is typed is saved when the input is left. */
export function LineRow({ line, editable, onSave, onRemove, onUp }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const isDeduction = line.item_type === 'discount';
  const discountScale = line.discount_type === 'amount' ? format.scale : 1;
  if (!editable) {
    return (
      <div className={`${classes.row} ${classes.fixed}`}>
        <span className={classes.name}>
          {line.name}
          {line.description && (
            <Text size="xs" c="dimmed">
              {line.description}
            </Text>
          )}
        </span>
        <span className={classes.number}>{format.number(line.quantity)}</span>
        <span className={classes.number}>{format.money(line.unit_price)}</span>
        <span className={classes.number}>
          {line.discount_type === 'percent' && `${format.number(line.discount_value)} %`}
          {line.discount_type === 'amount' && format.money(line.discount_value)}
        </span>
        <span className={classes.number}>{line.taxable && `${format.number(line.tax_rate)} %`}</span>
        <span className={classes.total}>{format.money(line.line_total)}</span>
      </div>
    );
  }
  return (
    <div className={`${classes.row} ${classes.editable}`}>
      <NameInput value={line.name} onSave={(name) => onSave({ name })} />
      <Amount
        label="quantity"
        value={line.quantity}
        onSave={(quantity) => quantity > 0 && onSave({ quantity })}
      />
      <Amount
        label="price"
        scale={format.scale}
        value={isDeduction ? -line.unit_price : line.unit_price}
        onSave={(price) => onSave({ unit_price: isDeduction ? -Math.abs(price) : price })}
      />
      <Group gap={4} wrap="nowrap">
        <Select
          aria-label={t('lines.discountKind')}
          value={line.discount_type}
          data={[
            { value: 'none', label: '–' },
            { value: 'percent', label: '%' },
            { value: 'amount', label: format.currency },
          ]}
          allowDeselect={false}
          w={line.discount_type === 'none' ? '100%' : 72}
          comboboxProps={{ width: 90 }}
          rightSection={null}
          onChange={(kind) => kind && onSave({ discount_type: kind, discount_value: 0 })}
        />
        {line.discount_type !== 'none' && (
          <Amount
            label="discount"
            scale={discountScale}
            value={line.discount_value}
            onSave={(value) => onSave({ discount_value: value })}
          />
        )}
      </Group>
      <Amount
        label="tax"
        value={line.taxable ? line.tax_rate : 0}
        onSave={(rate) => onSave({ tax_rate: rate, taxable: rate > 0 })}
      />
      <span className={classes.total}>{format.money(line.line_total)}</span>
      <Group gap={2} wrap="nowrap" justify="flex-end" className={classes.tools}>
        {onUp && (
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={onUp}
            aria-label={t('lines.up', { name: line.name })}
          >
            <ArrowUp size={15} />
          </ActionIcon>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={onRemove}
          aria-label={t('lines.remove', { name: line.name })}
        >
          <Trash2 size={15} />
        </ActionIcon>
      </Group>
    </div>
  );
}

function NameInput({ value, onSave }: { value: string; onSave: (value: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const leave = () => {
    if (typed?.trim() && typed !== value) onSave(typed.trim());
    setTyped(null);
  };
  return (
    <TextInput
      aria-label={t('lines.name')}
      className={classes.name ?? ''}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={leave}
    />
  );
}

/** A number that is saved when the input is left. @param scale how many of the stored unit make one shown */
export function Amount({
  label,
  value,
  scale = 1,
  onSave,
}: {
  /** A key of `lines.*`. */
  label: string;
  value: number;
  scale?: number;
  onSave: (value: number) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | number | null>(null);
  const leave = () => {
    const next = Math.round(Number(typed) * scale * 10_000) / 10_000;
    const stored = scale > 1 ? Math.round(next) : next;
    if (typed !== null && typed !== '' && stored !== value) onSave(stored);
    setTyped(null);
  };
  return (
    <NumberInput
      aria-label={t(`lines.${label}`)}
      hideControls
      min={0}
      decimalScale={scale > 1 ? Math.round(Math.log10(scale)) : 4}
      fixedDecimalScale={scale > 1}
      value={typed ?? value / scale}
      onChange={setTyped}
      onBlur={leave}
      classNames={{ input: classes.numberInput ?? '' }}
    />
  );
}
