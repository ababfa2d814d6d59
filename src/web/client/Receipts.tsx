import { Anchor, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PagePayment } from '@/server/client/offer-schema';

interface Properties {
  payments: readonly PagePayment[];
  addressOf: (paymentId: string) => string;
  money: (amount: PagePayment['amount']) => string;
  day: (date: string) => string;
}

/** A link to the receipt of each payment, refund and credit. */
export function Receipts({ payments, addressOf, money, day }: Properties) {
  const { t } = useTranslation();
  return payments.map(({ id, kind, amount, date, taxes = [] }) => (
    <div key={id}>
      <Anchor href={addressOf(id)} target="_blank" size="sm" underline="always">
        {t(`client.receipt.${kind}`, { amount: money(amount), date: day(date) })}
      </Anchor>
      {taxes.map(({ name, net, tax, gross }) => (
        <Text key={name} size="sm" c="dimmed">
          {t('client.taxShare', { name, net: money(net), tax: money(tax), gross: money(gross) })}
        </Text>
      ))}
    </div>
  ));
}
