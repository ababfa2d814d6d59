import { ActionIcon, Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { ArrowUp, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { formatIn, useFormat } from '../../hooks/format';
import { useNearViewport } from '../../hooks/page/near-viewport';
import { useWords } from '../../i18n/use-words';
import { NumberField } from '../../ui/NumberField';
import classes from './DocumentLines.module.css';
import type { Line } from './use-lines';
import { handled, useTyped } from './use-typed';

interface Properties {
  line: Line;
  /** Of its document. */
  currency: string;
  editable: boolean;
  /** Whether an edit of it waits to be sent. */
  isUnsaved: boolean;
  /** @returns a promise that rejects if saving failed */
  onSave: (changes: Partial<Line>) => Promise<unknown>;
  onRemove: () => void;
  /** Moves the line up; absent for the first line. */
  onUp?: (() => void) | undefined;
}

/**
 * One line. Values are saved on blur. Rows far outside the viewport render without inputs, because a document may have
 * thousands of lines.
 */
export function LineRow({ line, currency, editable, isUnsaved, onSave, onRemove, onUp }: Properties) {
  const { t } = useWords();
  const format = formatIn(useFormat(), currency);
  const row = useRef<HTMLDivElement>(null);
  const isNear = useNearViewport(row);
  const isDeduction = line.item_type === 'discount';
  if (!editable || !isNear) {
    return (
      <div ref={row} className={`${classes.row} ${classes.fixed}`}>
        <span className={classes.name}>
          {line.name}
          {line.optional && (
            <Text size="xs" c="dimmed">
              {t(line.chosen ? 'lines.extraChosen' : 'lines.extra')}
            </Text>
          )}
          {line.description && (
            <Text size="xs" c="dimmed">
              {line.description}
            </Text>
          )}
        </span>
        <span className={classes.number}>{format.number(line.quantity)}</span>
        <span className={classes.number}>{format.money(line.unit_price)}</span>
        <span className={classes.number}>
          {line.discount_type === 'percent' && format.rate(line.discount_value)}
          {line.discount_type === 'amount' && format.money(line.discount_value)}
        </span>
        <span className={classes.number}>{line.taxable && format.rate(line.tax_rate)}</span>
        <span className={classes.total}>{format.money(line.line_total)}</span>
      </div>
    );
  }
  return (
    <div className={`${classes.row} ${classes.editable}`}>
      <div className={classes.name}>
        <NameInput value={line.name} onSave={(name) => onSave({ name })} />
        {line.optional !== undefined && !isDeduction && (
          <Checkbox
            size="xs"
            mt={4}
            label={t('lines.makeOptional')}
            checked={line.optional}
            onChange={(event) => onSave({ optional: event.currentTarget.checked }).catch(handled)}
          />
        )}
      </div>
      <Amount
        name="quantity"
        value={line.quantity}
        onSave={(quantity) => (quantity > 0 ? onSave({ quantity }) : undefined)}
      />
      <Amount
        name="price"
        currency={currency}
        value={isDeduction ? -line.unit_price : line.unit_price}
        onSave={(price) => onSave({ unit_price: isDeduction ? -Math.abs(price) : price })}
      />
      <div className={classes.labelled} data-label={t('lines.discount')}>
        <Group gap={4} wrap="nowrap">
          <Select
            aria-label={t('lines.discountKind')}
            value={line.discount_type}
            data={[
              { value: 'none', label: '–' },
              { value: 'percent', label: '%' },
              { value: 'amount', label: currency },
            ]}
            w={line.discount_type === 'none' ? '100%' : 72}
            comboboxProps={{ width: 90 }}
            rightSection={null}
            onChange={(kind) => kind && onSave({ discount_type: kind, discount_value: 0 }).catch(handled)}
          />
          {line.discount_type !== 'none' && (
            <Amount
              name="discount"
              currency={line.discount_type === 'amount' ? currency : undefined}
              value={line.discount_value}
              onSave={(value) => onSave({ discount_value: value })}
            />
          )}
        </Group>
      </div>
      <Amount
        name="tax"
        value={line.taxable ? line.tax_rate : 0}
        onSave={(rate) => onSave({ tax_rate: rate, taxable: rate > 0 })}
      />
      <span className={classes.total} data-label={t('lines.total')}>
        {isUnsaved ? (
          <Text span size="xs" c="var(--mantine-color-orange-light-color)" fw={550}>
            {t('offline.unsaved')}
          </Text>
        ) : (
          format.money(line.line_total)
        )}
      </span>
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

function NameInput({ value, onSave }: { value: string; onSave: (value: string) => unknown }) {
  const { t } = useTranslation();
  const { typed, error, type, keys, leave } = useTyped((name: string) =>
    name.trim() && name !== value ? onSave(name.trim()) : undefined,
  );
  return (
    <TextInput
      aria-label={t('lines.name')}
      maxLength={1000}
      value={typed ?? value}
      error={error}
      onChange={(event) => type(event.target.value)}
      onBlur={leave}
      onKeyDown={keys}
    />
  );
}

/** Numbers that are no money have four decimals. */
const PLAIN = { scale: 1, digits: 4 };

/** A number input that saves on blur. @param currency of an amount of money, which is stored in minor units */
export function Amount({
  name,
  value,
  currency,
  onSave,
}: {
  /** A key of `lines.*`. */
  name: string;
  value: number;
  currency?: string | undefined;
  /** @returns a promise that rejects if saving failed */
  onSave: (value: number) => unknown;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { scale, digits } = currency ? formatIn(format, currency) : PLAIN;
  const fraction = currency ? 1 : 10 ** digits;
  const { typed, error, type, keys, leave } = useTyped((text: string | number) => {
    const stored = roundMoney(text || 0, 'half_up', scale * fraction) / fraction;
    return text !== '' && stored !== value ? onSave(stored) : undefined;
  });
  return (
    <div className={classes.labelled} data-label={t(`lines.${name}`)}>
      <NumberField
        aria-label={t(`lines.${name}`)}
        hideControls
        min={0}
        decimalScale={digits}
        fixedDecimalScale={currency !== undefined}
        value={typed ?? value / scale}
        error={error}
        onChange={type}
        onBlur={leave}
        onKeyDown={keys}
        classNames={{ input: classes.numberInput ?? '' }}
      />
    </div>
  );
}
