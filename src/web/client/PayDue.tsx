import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { FormError } from '../ui/FormError';
import { partLabel } from '../ui/part-label';
import { HowToPay } from './HowToPay';
import { isAwaited, usePay } from './offer';
import { Receipts } from './Receipts';

interface Properties {
  /** Address of the link's interface, such as `/api/client/<token>`. */
  page: string;
  /** What is due next of the invoice, and what is open of it. */
  invoice: Pick<NonNullable<Offer['invoice']>, 'due' | 'balance' | 'paid'> | null;
  /** See `usePaidBefore`. */
  paidBefore: number | undefined;
  howToPay: Offer['howToPay'];
  payments: Offer['payments'];
  receiptOf: (paymentId: string) => string;
  money: (amount: Offer['quote']['total']) => string;
  day: (date: string) => string;
}

/** What is due and how to pay it, the receipts of what was paid, and why a payment could not begin. */
export function PayDue({ page, invoice, paidBefore, howToPay, payments, receiptOf, money, day }: Properties) {
  const { t } = useTranslation();
  const pay = usePay(page);
  const isPaying = invoice !== null && isAwaited(paidBefore, invoice.paid);
  const due = invoice?.due;
  return (
    <>
      {isPaying && (
        <Text size="sm" fw={550} role="status">
          {t('client.beingConfirmed')}
        </Text>
      )}
      {due && !isPaying && (
        <>
          <Text size="sm" fw={550}>
            {due.date
              ? t('client.dueOn', { label: partLabel(t, due.label), date: day(due.date) })
              : t('client.due', { label: partLabel(t, due.label) })}
          </Text>
          {howToPay.online ? (
            <Button size="lg" loading={pay.isPending} onClick={() => pay.mutate('due')}>
              {t('client.pay', { amount: money(due.amount) })}
            </Button>
          ) : (
            <Text fw={650}>{money(due.amount)}</Text>
          )}
          <HowToPay howToPay={howToPay} />
          {howToPay.online && Number(invoice.balance) !== Number(due.amount) && (
            <Button variant="default" disabled={pay.isPending} onClick={() => pay.mutate('balance')}>
              {t('client.payAll', { amount: money(invoice.balance) })}
            </Button>
          )}
        </>
      )}
      <Receipts payments={payments} addressOf={receiptOf} money={money} day={day} />
      <FormError error={pay.error} />
    </>
  );
}
