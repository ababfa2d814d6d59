// What was paid on an invoice: the payments themselves, their receipts, and which parts of the plan they cover.
import type { TenantClient } from '@/lib/data-sources';
import type { RowOf } from '@/lib/repositories';
import { localTime } from '../dates';
import { loadSettings } from '../settings/load';
import { DocumentError } from './errors';
import { allRows, loadEventOccasion, loadParty, rowsOf } from './load-parties';
import type { ReceiptDocument, ReceivedPayment, ScheduledPayment } from './model';
import { taxName, wordsOf } from './words';

/** A payment, and its place among all entries of its invoice as they were recorded, from 1. */
type PlacedPayment = RowOf<'payments'> & { place: number };

/**
 * What was paid, refunded and credited on an invoice, the oldest first. An entry that was taken back as a whole is left out, and so
 * is the one that took it back.
 */
export async function loadPayments(client: TenantClient, invoiceId: string): Promise<PlacedPayment[]> {
  const entries = await allRows(client, 'payments', {
    filter: { invoice_id: invoiceId },
    sort: [{ column: 'created_at' }, { column: 'id' }],
  });
  const rows = entries
    .map((row, at) => ({ ...row, place: at + 1 }))
    .filter(({ status }) => status === 'succeeded')
    .sort((one, other) => Date.parse(one.paid_at ?? '') - Date.parse(other.paid_at ?? ''));
  const amounts = new Map(rows.map(({ id, amount }) => [id, amount]));
  const takenBack = new Set(
    rows.flatMap(({ id, is_correction, refund_of_id: of, amount }) =>
      is_correction && of && amounts.get(of) === amount ? [id, of] : [],
    ),
  );
  return rows.filter(({ id }) => !takenBack.has(id));
}

/** A payment as documents show it. */
export function printPayment(row: RowOf<'payments'>, timezone: string): ReceivedPayment {
  return {
    kind: kindOf(row),
    date: localTime(timezone, new Date(row.paid_at ?? row.created_at)).date,
    method: row.method,
    ...(row.reference ? { reference: row.reference } : {}),
    amount: row.amount,
  };
}

function kindOf({ method, kind }: RowOf<'payments'>): ReceivedPayment['kind'] {
  if (method === 'credit') return 'credit';
  return kind === 'refund' ? 'refund' : 'payment';
}

/** `loadPayments` as documents show them, with their ids. */
export async function loadReceived(
  client: TenantClient,
  invoice: Pick<RowOf<'invoices'>, 'id' | 'account_id'>,
): Promise<(ReceivedPayment & { id: string })[]> {
  const [{ timezone, locale }, account, rows] = await Promise.all([
    loadSettings(client, ['timezone', 'locale']),
    rowsOf(client, 'accounts').find(invoice.account_id),
    loadPayments(client, invoice.id),
  ]);
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      ...printPayment(row, timezone),
      ...(await creditedTaxes(client, row, account?.locale ?? locale)),
    })),
  );
}

/** The share of each tax rate in a credit; nothing where it is of untaxed sales alone. */
async function creditedTaxes(
  client: TenantClient,
  { id, kind, method }: RowOf<'payments'>,
  locale: string,
): Promise<Pick<ReceivedPayment, 'taxes'>> {
  if (kind !== 'payment' || method !== 'credit') return {};
  const { data } = await client.rpc('payment_taxes', { payment_id: id }).throwOnError();
  if (!data.some(({ rate }) => rate > 0)) return {};
  return {
    taxes: data.map(({ name, rate, net, tax }) => ({
      name: rate > 0 ? taxName(name, rate, locale) : wordsOf(locale).untaxed,
      ...{ net, tax, gross: net + tax },
    })),
  };
}

/** The receipts and credit notes of an invoice, by the ids of their payments. */
export async function loadReceiptNumbers(
  client: TenantClient,
  invoice: Pick<RowOf<'invoices'>, 'id' | 'invoice_number'>,
): Promise<{ id: string; kind: ReceivedPayment['kind']; number: string }[]> {
  const rows = await loadPayments(client, invoice.id);
  return rows.map((row) => ({ id: row.id, kind: kindOf(row), number: receiptNumber(invoice, row) }));
}

/** The number of a receipt stays, whatever is recorded or taken back later. */
function receiptNumber(
  { invoice_number }: Pick<RowOf<'invoices'>, 'invoice_number'>,
  { place }: PlacedPayment,
): string {
  return `${invoice_number}-${place}`;
}

/** A receipt of a payment or a refund, or a credit note. @throws RepositoryError `record_not_found`: none that succeeded */
export async function loadReceipt(client: TenantClient, paymentId: string): Promise<ReceiptDocument> {
  const row = await rowsOf(client, 'payments').get(paymentId);
  const invoice = await rowsOf(client, 'invoices').get(row.invoice_id);
  const [settings, { billTo, locale }, event, payments] = await Promise.all([
    loadSettings(client, ['timezone', 'locale']),
    loadParty(client, invoice.account_id, invoice.contact_id, invoice.bill_to),
    invoice.event_id ? loadEventOccasion(client, invoice.event_id) : undefined,
    loadPayments(client, invoice.id),
  ]);
  const payment = payments.find(({ id }) => id === paymentId);
  if (!payment)
    throw new DocumentError('receipt_not_paid', 'There is no receipt of a payment that did not succeed.');
  return {
    kind: 'receipt',
    ...locale,
    number: receiptNumber(invoice, payment),
    payment: {
      ...printPayment(row, settings.timezone),
      ...(await creditedTaxes(client, row, locale.locale ?? settings.locale)),
    },
    currency: row.currency,
    from: billTo,
    invoiceNumber: invoice.invoice_number ?? '',
    ...(event ? { event } : {}),
    total: invoice.total,
    paid: invoice.paid - invoice.credited,
    credited: invoice.credited,
    balance: invoice.status === 'void' ? 0 : invoice.total - invoice.paid,
  };
}

/**
 * `payment_schedule` of a quote or an invoice: what is asked for when, and what of it is paid.
 *
 * @param received payments in their order; without them nothing is paid
 */
export function readSchedule(value: unknown, received: ReceivedPayment[] = []): ScheduledPayment[] {
  if (!Array.isArray(value)) return [];
  let before = 0;
  return value.flatMap((part: Partial<Record<'label' | 'due_date' | 'days_before' | 'amount', unknown>>) => {
    if (typeof part?.amount !== 'number') return [];
    const { amount } = part;
    const { paid, on } = coveredBy(received, before, before + amount);
    before += amount;
    return [
      {
        label: typeof part.label === 'string' ? part.label : 'Payment',
        ...(typeof part.due_date === 'string' ? { dueDate: part.due_date } : {}),
        ...(typeof part.days_before === 'number' ? { daysBefore: part.days_before } : {}),
        amount,
        paid,
        ...(on ? { paidOn: on } : {}),
      },
    ];
  });
}

/** What of the part between two sums is paid, and since when all of it is. Credits lower the plan and pay nothing of it. */
function coveredBy(received: ReceivedPayment[], from: number, to: number): { paid: number; on?: string } {
  let sum = 0;
  let on: string | undefined;
  for (const { kind, amount, date } of received) {
    if (kind === 'credit') continue;
    sum += kind === 'refund' ? -Number(amount) : Number(amount);
    on = sum >= to ? (on ?? date) : undefined;
  }
  return { paid: Math.max(0, Math.min(sum, to) - from), ...(on ? { on } : {}) };
}
