import { Text, View } from '@react-pdf/renderer';
import { formatMoney } from '../money';
import type { Branding, DocumentLine, SalesDocument } from './model';
import { formatDate, PartyBlock, Sheet, styles } from './theme';

const WIDTHS = { name: '52%', quantity: '14%', price: '17%', total: '17%' };

/** A quote or an invoice; any number of lines, the table's head repeated on every page. */
export function SalesSheet({ document, branding }: { document: SalesDocument; branding: Branding }) {
  const money = (minor: string | number) => formatMoney(minor, document.currency, branding.locale);
  const date = (iso: string) => formatDate(iso, branding.locale);
  const title = document.kind === 'quote' ? 'Quote' : 'Invoice';
  const facts: [string, string][] = [['Number', document.number ?? 'Draft']];
  if (document.issueDate) facts.push(['Date', date(document.issueDate)]);
  if (document.dueDate)
    facts.push([document.kind === 'quote' ? 'Valid until' : 'Due', date(document.dueDate)]);
  if (document.purchaseOrder) facts.push(['Purchase order', document.purchaseOrder]);
  return (
    <Sheet branding={branding} title={title} facts={facts}>
      <View style={[styles.row, { marginBottom: 18 }]}>
        <PartyBlock label={document.kind === 'quote' ? 'For' : 'Bill to'} party={document.billTo} />
        {document.event ? (
          <PartyBlock
            label="Event"
            party={{
              name: document.event.title,
              lines: [...document.event.dates, ...(document.event.place ? [document.event.place] : [])],
            }}
          />
        ) : null}
      </View>
      <View style={[styles.row, { backgroundColor: branding.primaryColor, color: '#ffffff' }]} fixed>
        <Cells name="Description" quantity="Quantity" price="Price" total="Amount" />
      </View>
      {document.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are printed once, in their order
        <LineRow key={index} line={line} money={money} />
      ))}
      <Totals document={document} money={money} color={branding.primaryColor} />
      {document.schedule?.length ? (
        <View wrap={false}>
          <Text style={styles.heading}>Payment schedule</Text>
          {document.schedule.map((part) => (
            <View
              key={`${part.label}${part.dueDate}`}
              style={[styles.row, styles.rule, { justifyContent: 'space-between' }]}
            >
              <Text style={styles.cell}>
                {part.label}
                {part.dueDate ? ` · ${date(part.dueDate)}` : ''}
              </Text>
              <Text style={styles.cell}>{money(part.amount)}</Text>
            </View>
          ))}
        </View>
      ) : null}
      {document.terms ? (
        <View>
          <Text style={styles.heading}>Terms</Text>
          <Text>{document.terms}</Text>
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
        <Text>{props.name}</Text>
        {props.description ? <Text style={styles.muted}>{props.description}</Text> : null}
      </View>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.quantity }]}>{props.quantity}</Text>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.price }]}>{props.price}</Text>
      <Text style={[styles.cell, styles.right, { width: WIDTHS.total }]}>{props.total}</Text>
    </>
  );
}

function LineRow({ line, money }: { line: DocumentLine; money: (minor: string | number) => string }) {
  // numeric(12,3) arrives as "2.000".
  const quantity = `${Number(line.quantity)}${line.unit && line.unit !== 'each' ? ` ${line.unit}` : ''}`;
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
}) {
  const { document, money, color } = props;
  const rows: [label: string, value: string, strong?: boolean][] = [['Subtotal', money(document.subtotal)]];
  if (Number(document.discount) !== 0) rows.push(['Discount', `−${money(document.discount)}`]);
  for (const tax of document.taxes) rows.push([tax.name, money(tax.amount)]);
  rows.push(['Total', money(document.total), true]);
  if (document.paid !== undefined && Number(document.paid) !== 0)
    rows.push(['Paid', `−${money(document.paid)}`]);
  if (document.balance !== undefined) rows.push(['Balance due', money(document.balance), true]);
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
