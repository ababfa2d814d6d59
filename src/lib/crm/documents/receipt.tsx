import { Text, View } from '@react-pdf/renderer';
import { inkOfColor } from '../colors';
import { formatDate } from './dates-and-times';
import { formatOf } from './document-format';
import type { Branding, ReceiptDocument } from './model';
import { OccasionBlock } from './occasion';
import { Columns, PartyBlock, Sheet, type Style, styles, Written } from './theme';
import { RECEIPT_WORDS } from './words';

/** A receipt of a payment or a refund, or a credit note; and what the invoice’s balance is now. */
export function ReceiptSheet({ document, branding }: { document: ReceiptDocument; branding: Branding }) {
  const { words, money, locale } = formatOf(document.currency, branding.locale);
  const { payment } = document;
  const [title, from, amount, reference] = RECEIPT_WORDS[payment.kind];
  const minus = (value: string | number) => money(String(-BigInt(value)));
  const rows: [label: string, value: string][] = [
    [words.invoice, document.invoiceNumber],
    ...(payment.kind === 'credit'
      ? []
      : [[words.method, words.methods[payment.method] ?? payment.method] as [string, string]]),
    ...(payment.reference ? [[words[reference], payment.reference] as [string, string]] : []),
    [words.invoiceTotal, money(document.total)],
    ...(Number(document.credited) === 0
      ? []
      : [[words.credits, minus(document.credited)] as [string, string]]),
    ...(Number(document.paid) === 0 ? [] : [[words.paid, minus(document.paid)] as [string, string]]),
    [words.balanceDue, money(document.balance)],
  ];
  return (
    <Sheet
      branding={branding}
      title={words[title]}
      number={`${words[title]} ${document.number}`}
      facts={[
        [words.number, document.number],
        [words.date, formatDate(payment.date, locale)],
      ]}
    >
      <Columns
        widths={[50, 50]}
        style={{ marginBottom: 18 }}
        cells={[
          <PartyBlock key="party" label={words[from]} party={document.from} />,
          document.event && (
            <OccasionBlock key="event" label={words.event} occasion={document.event} locale={locale} />
          ),
        ]}
      />
      <View
        style={{
          borderWidth: 1,
          borderColor: inkOfColor(branding.primaryColor),
          padding: 12,
          marginBottom: 14,
        }}
        wrap={false}
      >
        <Text style={styles.muted}>{words[amount]}</Text>
        <Text style={{ fontSize: 20, fontWeight: 700, color: inkOfColor(branding.primaryColor) }}>
          {money(payment.amount)}
        </Text>
      </View>
      {payment.taxes && (
        <View style={{ marginBottom: 14 }}>
          <ShareRow texts={['', words.net, words.tax, words.gross]} style={styles.muted} />
          {payment.taxes.map(({ name, net, tax, gross }) => (
            <ShareRow key={name} texts={[name, money(net), money(tax), money(gross)]} />
          ))}
        </View>
      )}
      {rows.map(([label, value]) => (
        <Columns
          key={label}
          widths={[34, 66]}
          style={styles.rule}
          cells={[
            <Written key="label" style={{ ...styles.cell, ...styles.muted }} text={label} letters={18} />,
            <Written key="value" style={styles.cell} text={value} />,
          ]}
        />
      ))}
    </Sheet>
  );
}

/** What of a credit falls on one tax rate. */
function ShareRow({ texts, style = {} }: { texts: string[]; style?: Style }) {
  return (
    <Columns
      widths={[34, 22, 22, 22]}
      style={styles.rule}
      cells={texts.map((text, at) => (
        <Written
          // biome-ignore lint/suspicious/noArrayIndexKey: columns are told apart by their place
          key={at}
          style={{ ...styles.cell, ...(at === 0 ? styles.muted : styles.right), ...style }}
          text={text}
          letters={at === 0 ? 18 : 11}
        />
      ))}
    />
  );
}
