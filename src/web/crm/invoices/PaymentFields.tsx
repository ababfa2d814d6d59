import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { momentAt } from '../../hooks/dates/zones';
import { dateIn, formatIn, useFormat } from '../../hooks/format';
import { AmountField } from './AmountField';

const METHODS = ['bank_transfer', 'card', 'cash', 'check', 'other'];

interface Start {
  /** Minor units. */
  amount: number;
  currency: string;
  method?: string;
  paidAt?: string | null;
  reference?: string | null;
  note?: string | null;
}

/** State of the inputs of a payment; `values` are those of the database. */
export function usePaymentFields(start: Start) {
  const format = formatIn(useFormat(), start.currency);
  const day = start.paidAt ? dateIn(format.timezone, new Date(start.paidAt)) : format.today;
  const [typed, setTyped] = useState({
    amount: (start.amount / format.scale) as string | number,
    method: start.method ?? 'bank_transfer',
    date: day,
    reference: start.reference ?? '',
    note: start.note ?? '',
  });
  return {
    typed,
    change: (changes: Partial<typeof typed>) => setTyped({ ...typed, ...changes }),
    format,
    values: {
      amount: roundMoney(typed.amount || 0, 'half_up', format.scale),
      method: typed.method,
      // The day is what is known: noon keeps it the same day in every time zone nearby. Today is the moment of saving.
      paid_at:
        typed.date === day && start.paidAt
          ? start.paidAt
          : typed.date === format.today
            ? null
            : momentAt(format.timezone, `${typed.date}T12:00`).toISOString(),
      reference: typed.reference.trim() || null,
      note: typed.note.trim() || null,
    },
  };
}

/** Amount, date, method, reference and note of a payment. @param most largest amount, in minor units */
export function PaymentFields({
  fields: { typed, change, format },
  most,
  fixedMethod = false,
  onlyAmount = false,
}: {
  fields: ReturnType<typeof usePaymentFields>;
  most: number;
  /** A credit stays a credit. */
  fixedMethod?: boolean;
  /** The provider says the rest. */
  onlyAmount?: boolean;
}) {
  return (
    <>
      <AmountField
        value={typed.amount}
        onChange={(amount) => change({ amount })}
        most={most}
        format={format}
        fixedDecimals
      />
      {!onlyAmount && (
        <OtherFields typed={typed} change={change} today={format.today} fixedMethod={fixedMethod} />
      )}
    </>
  );
}

function OtherFields({
  typed,
  change,
  today,
  fixedMethod,
}: Pick<ReturnType<typeof usePaymentFields>, 'typed' | 'change'> & { today: string; fixedMethod: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <TextInput
        label={t('payment.date')}
        type="date"
        value={typed.date}
        max={today}
        required
        onChange={(event) => change({ date: event.target.value || today })}
      />
      {!fixedMethod && (
        <Select
          label={t('field.method')}
          value={typed.method}
          data={METHODS.map((one) => ({ value: one, label: t(`option.${one}`) }))}
          onChange={(next) => next && change({ method: next })}
        />
      )}
      <TextInput
        label={t('field.reference')}
        placeholder={t('payment.referenceExample')}
        maxLength={200}
        value={typed.reference}
        onChange={(event) => change({ reference: event.target.value })}
      />
      <TextInput
        label={t('payment.note')}
        value={typed.note}
        maxLength={1000}
        onChange={(event) => change({ note: event.target.value })}
      />
    </>
  );
}
