import { Text, View } from '@react-pdf/renderer';
import { formatMoney } from '../money';
import type { Branding, DocumentLine, SalesDocument } from './model';
import { formatDate, PartyBlock, Sheet, styles, Written } from './theme';
import { type DocumentWords, wordsOf } from './words';

const WIDTHS = { name: '52%', quantity: '14%', price: '17%', total: '17%' };

/** A quote or an invoice; any number of lines, the table's head repeated on every page. */
export function SalesSheet({ document, branding }: { document: SalesDocument; branding: Branding }) {
  const money = (minor: string | number) => formatMoney(minor, document.currency, branding.locale);
  const date = (iso: string) => formatDate(iso, branding.locale);
  const words = wordsOf(branding.locale);
  const facts: [string, string][] = [[words.number, document.number ?? words.draft]];
  if (document.issueDate) facts.push([words.date, date(document.issueDate)]);
  if (document.dueDate)
    facts.push([document.kind === 'quote' ? words.validUntil : words.due, date(document.dueDate)]);
  if (document.purchaseOrder) facts.push([words.purchaseOrder, document.purchaseOrder]);
  return (
    <Sheet branding={branding} title={words[document.kind]} facts={facts}>
      <View style={[styles.row, { marginBottom: 18 }]}>
        <PartyBlock label={document.kind === 'quote' ? words.for : words.billTo} party={document.billTo} />
        {document.event ? (
          <PartyBlock
            label={words.event}
            party={{
              name: document.event.title,
              lines: [
                ...document.event.dates.map(date),
                ...(document.event.place ? [document.event.place] : []),
              ],
            }}
          />
        ) : null}
      </View>
      <View style={[styles.row, { backgroundColor: branding.primaryColor, color: '#ffffff' }]} fixed>
        <Cells name={words.description} quantity={words.quantity} price={words.price} total={words.amount} />
      </View>
      {document.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are printed once, in their order
        <LineRow key={index} line={line} money={money} locale={branding.locale} />
      ))}
      <Totals document={document} money={money} color={branding.primaryColor} words={words} />
      {document.schedule?.length ? (
        <View wrap={false}>
          <Text style={styles.heading}>{words.schedule}</Text>
          {document.schedule.map((part) => (
            <View
              key={`${part.label}${part.dueDate}`}
              style={[styles.row, styles.rule, { justifyContent: 'space-between' }]}
            >
              <Text style={styles.cell}>
                {words.known[part.label] ?? part.label}
                {part.dueDate ? ` · ${date(part.dueDate)}` : ''}
              </Text>
              <Text style={styles.cell}>{money(part.amount)}</Text>
            </View>
          ))}
        </View>
      ) : null}
      {document.terms ? (
        <View>
          <Text style={styles.heading}>{words.terms}</Text>
          <Written text={document.terms} />
        </View>
      ) : null}
    </Sheet>
  );
}

function Cells(props: {
  name: string;
  description?: string;
  quantity: string;
  price: string;
  total: string;
}) {
  return (
    <>
      <View style={[styles.cell, { width: WIDTHS.name }]}>
        <Written text={props.name} />
        {props.description ? <Written style={styles.muted} text={props.description} /> : null}
      </View>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.quantity }]}>{props.quantity}</Text>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.price }]}>{props.price}</Text>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.total }]}>{props.total}</Text>
    </>
  );
}

function LineRow(props: { line: DocumentLine; money: (minor: string | number) => string; locale: string }) {
  const { line, money, locale } = props;
  const unit = line.unit && (wordsOf(locale).units[line.unit] ?? line.unit);
  // numeric(12,3) arrives as "2.000".
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(Number(line.quantity));
  const quantity = [number, unit].filter(Boolean).join(' ');
  return (
    <View style={[styles.row, styles.rule]} wrap={false}>
      <Cells
        name={line.name}
        {...(line.description ? { description: line.description } : {})}
        quantity={quantity}
        price={money(line.unitPrice)}
        total={money(line.lineTotal)}
      />
    </View>
  );
}

function Totals(props: {
  document: SalesDocument;
  money: (minor: string | number) => string;
  color: string;
  words: DocumentWords;
}) {
  const { document, money, color, words } = props;
  const rows: [label: string, value: string, strong?: boolean][] = [
    [words.subtotal, money(document.subtotal)],
  ];
  if (Number(document.discount) !== 0) rows.push([words.discount, `−${money(document.discount)}`]);
  for (const tax of document.taxes) rows.push([words.known[tax.name] ?? tax.name, money(tax.amount)]);
  rows.push([words.total, money(document.total), true]);
  if (document.paid !== undefined && Number(document.paid) !== 0)
    rows.push([words.paid, `−${money(document.paid)}`]);
  if (document.balance !== undefined) rows.push([words.balanceDue, money(document.balance), true]);
  return (
    <View style={{ alignSelf: 'flex-end', width: '46%', marginTop: 10 }} wrap={false}>
      {rows.map(([label, value, strong]) => (
        <View key={label} style={[styles.row, { justifyContent: 'space-between' }]}>
          <Text style={[styles.cell, strong ? styles.bold : styles.muted]}>{label}</Text>
          <Text style={[styles.cell, strong ? { ...styles.bold, color } : {}]}>{value}</Text>
        </View>
      ))}
    </View>
  );
}
