import { View } from '@react-pdf/renderer';
import { inkOfColor, inkOn } from '../colors';
import { formatDate } from './dates-and-times';
import { type DocumentFormat, formatOf } from './document-format';
import type { Branding, DocumentLine, SalesDocument } from './model';
import { OccasionBlock } from './occasion';
import { PaymentPlan, ReceivedPayments } from './payment-plan';
import { Columns, PartyBlock, Section, Sheet, type Style, styles, Written } from './theme';

/** Name, quantity, price, amount. */
const WIDTHS = [52, 14, 17, 17];
/** Letters that fit into the narrow columns. */
const NARROW = 9;

/** A quote or an invoice. */
export function SalesSheet({ document, branding }: { document: SalesDocument; branding: Branding }) {
  const format = formatOf(document.currency, branding.locale);
  const { words } = format;
  const date = (iso: string) => formatDate(iso, branding.locale);
  const facts: [string, string][] = [[words.number, document.number ?? words.draft]];
  if (document.issueDate) facts.push([words.date, date(document.issueDate)]);
  if (document.dueDate)
    facts.push([document.kind === 'quote' ? words.validUntil : words.due, date(document.dueDate)]);
  if (document.purchaseOrder) facts.push([words.purchaseOrder, document.purchaseOrder]);
  const title = document.status === 'void' ? words.voidInvoice : words[document.kind];
  return (
    <Sheet
      branding={branding}
      title={title}
      facts={facts}
      number={document.number && `${title} ${document.number}`}
    >
      <Columns
        widths={[50, 50]}
        style={{ marginBottom: 18 }}
        cells={[
          <PartyBlock
            key="party"
            label={document.kind === 'quote' ? words.for : words.billTo}
            party={document.billTo}
          />,
          document.event && (
            <OccasionBlock
              key="event"
              label={words.event}
              occasion={document.event}
              locale={branding.locale}
            />
          ),
        ]}
      />
      <Order document={document} branding={branding} />
    </Sheet>
  );
}

/** The lines of an order under a head that is repeated on every page, its sums, its payment plan and its terms. */
export function Order({ document, branding }: { document: SalesDocument; branding: Branding }) {
  const format = formatOf(document.currency, branding.locale);
  const { words } = format;
  const head = { backgroundColor: branding.primaryColor, color: inkOn(branding.primaryColor) };
  return (
    <>
      <View>
        <Cells
          style={head}
          fixed
          name={<Written text={words.description} />}
          quantity={words.quantity}
          price={words.price}
          total={words.amount}
        />
        {document.lines.filter(isOrdered).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are printed once, in their order
          <LineRow key={index} line={line} format={format} />
        ))}
      </View>
      <Totals document={document} format={format} color={inkOfColor(branding.primaryColor)} />
      <Extras document={document} format={format} />
      <PaymentPlan document={document} format={format} />
      <ReceivedPayments document={document} format={format} />
      {document.paymentInstructions ? (
        <Section title={words.howToPay}>
          <Written text={document.paymentInstructions} />
        </Section>
      ) : null}
      {document.terms ? (
        <Section title={words.terms}>
          <Written text={document.terms} />
        </Section>
      ) : null}
    </>
  );
}

function isOrdered({ extra }: DocumentLine): boolean {
  return extra === undefined || extra.chosen;
}

/** The extras of a quote that the client may still choose. */
function Extras({ document, format }: { document: SalesDocument; format: DocumentFormat }) {
  const offered = document.lines.filter((line) => !isOrdered(line));
  if (offered.length === 0 || !['draft', 'sent', 'viewed'].includes(document.status)) return null;
  return (
    <Section title={format.words.extras}>
      {offered.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are printed once, in their order
        <LineRow key={index} line={line} format={format} />
      ))}
    </Section>
  );
}

function Cells({
  name,
  quantity,
  price,
  total,
  ...row
}: {
  name: React.ReactNode;
  quantity: string;
  price: string;
  total: string;
  style?: Style;
  fixed?: boolean;
}) {
  const cells = [
    <View key="name" style={styles.cell}>
      {name}
    </View>,
    ...Object.entries({ quantity, price, total }).map(
      ([key, text]) =>
        text && (
          <Written key={key} style={{ ...styles.cell, ...styles.right }} letters={NARROW} text={text} />
        ),
    ),
  ];
  return <Columns widths={WIDTHS} cells={cells} {...row} />;
}

function LineRow({ line, format }: { line: DocumentLine; format: DocumentFormat }) {
  const { locale, words, money } = format;
  const unit = line.unit && (words.units[line.unit]?.[Number(line.quantity) === 1 ? 0 : 1] ?? line.unit);
  // numeric(12,3) arrives as "2.000".
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(Number(line.quantity));
  const cells = (
    <Cells
      style={line.grossTotal === undefined ? styles.rule : {}}
      name={
        <>
          <Written text={line.name} />
          {line.description ? <Written style={styles.muted} text={line.description} /> : null}
          {line.includes?.length ? (
            <Written style={styles.muted} text={`${words.includes}: ${line.includes.join(' · ')}`} />
          ) : null}
        </>
      }
      quantity={[number, unit].filter(Boolean).join(' ')}
      price={money(line.unitPrice)}
      total={money(line.grossTotal ?? line.lineTotal)}
    />
  );
  if (line.grossTotal === undefined) return cells;
  const percent = line.discountPercent === undefined ? '' : percentOf(line.discountPercent, locale);
  return (
    <>
      {cells}
      <Cells
        style={styles.rule}
        name={<Written style={{ ...styles.muted, paddingLeft: 10 }} text={words.lineDiscount(percent)} />}
        quantity=""
        price=""
        total={money(String(BigInt(line.lineTotal) - BigInt(line.grossTotal)))}
      />
    </>
  );
}

/** `12.5 %`. */
function percentOf(percent: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 4 }).format(percent / 100);
}

function Totals({
  document,
  format,
  color,
}: {
  document: SalesDocument;
  format: DocumentFormat;
  color: string;
}) {
  const { words, money, locale } = format;
  const minus = (amount: string | number) => money(String(-BigInt(amount)));
  const rows: [label: string, value: string, strong?: boolean][] = [
    [words.subtotal, money(document.subtotal)],
  ];
  if (Number(document.discount) !== 0) {
    const percent = document.discountPercent === undefined ? '' : percentOf(document.discountPercent, locale);
    rows.push([words.lineDiscount(percent), minus(document.discount)]);
  }
  for (const { name, amount, net } of document.taxes)
    if (net === undefined) rows.push([words.known[name] ?? name, money(amount)]);
  rows.push([words.total, money(document.total), true]);
  for (const { name, amount, net } of document.taxes)
    if (net !== undefined) rows.push([words.net, money(net)], [name, money(amount)]);
  if (Number(document.credited ?? 0) !== 0) rows.push([words.credits, minus(document.credited ?? 0)]);
  if (Number(document.paid ?? 0) !== 0) rows.push([words.paid, minus(document.paid ?? 0)]);
  if (document.balance !== undefined) rows.push([words.balanceDue, money(document.balance), true]);
  if (Number(document.deposit ?? 0) !== 0) rows.push([words.depositDue, money(document.deposit ?? 0)]);
  return (
    <View style={{ alignSelf: 'flex-end', width: '50%', marginTop: 10 }} wrap={false}>
      {rows.map(([label, value, strong], index) => (
        <Columns
          // biome-ignore lint/suspicious/noArrayIndexKey: two taxes may have one name
          key={index}
          widths={[58, 42]}
          cells={[
            <Written
              key="label"
              style={{ ...styles.sum, ...(strong ? styles.bold : styles.muted) }}
              text={label}
              letters={16}
            />,
            <Written
              key="value"
              style={{ ...styles.sum, ...styles.right, ...(strong ? { ...styles.bold, color } : {}) }}
              text={value}
              letters={12}
            />,
          ]}
        />
      ))}
    </View>
  );
}
