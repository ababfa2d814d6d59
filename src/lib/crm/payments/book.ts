import type { TenantTransaction } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { formatMoney } from '@/lib/money';
import { withRefusals } from '../refusals';
import { PaymentError, type PaymentReport } from './provider';

export interface Booking {
  /**
   * `set_aside`: fits no open invoice, so a task was made. `unplaced`: about a payment that is not booked here, or an attempt at one
   * that failed on an invoice that takes none.
   */
  outcome: 'booked' | 'known' | 'set_aside' | 'unplaced';
  paymentId?: string;
}

interface InvoiceRow {
  id: string;
  invoice_number: string | null;
  currency: string;
  balance: string;
  status: string;
}

/**
 * Books a provider's report once, in whatever order and however often reports come.
 *
 * A report that does not fit its invoice (currency, amount, void) is not booked: the money is real, so a task asks
 * the company to check it, and the report is acknowledged.
 *
 * @throws PaymentError `payment_unknown_invoice`
 */
export async function bookPayment(
  manager: DataSourceManager,
  tenantId: string,
  provider: string,
  report: PaymentReport,
): Promise<Booking> {
  if (report.tenantId !== undefined && report.tenantId !== tenantId) throw unknownInvoice();
  return withRefusals(
    manager.withTenantTransaction(tenantId, (transaction) => book(transaction, provider, report)),
  );
}

async function book(
  transaction: TenantTransaction,
  provider: string,
  report: PaymentReport,
): Promise<Booking> {
  const { query } = transaction;
  const invoiceId = report.invoiceId ?? (await invoiceOf(transaction, provider, report.refundOf));
  if (invoiceId === undefined) return { outcome: 'unplaced' };
  // The lock serializes two deliveries of one report.
  const { rows } = await query<InvoiceRow>(
    'select id, invoice_number, currency, balance, status from public.invoices where id = $1 for no key update',
    [invoiceId],
  );
  const [invoice] = rows;
  if (!invoice) throw unknownInvoice();
  const known = await query<{ id: string; status: string }>(
    `select id, status from public.payments
     where provider_id = $1 or (kind = 'refund' and invoice_id = $2 and idempotency_key = $3)`,
    [report.providerId, invoiceId, report.key ?? null],
  );
  const [existing] = known.rows;
  const isOver =
    existing?.status === 'succeeded' || (existing?.status === 'failed' && report.kind === 'refund');
  if (existing && (existing.status === report.status || (isOver && !takesBack(report)))) {
    return { outcome: 'known', paymentId: existing.id };
  }
  try {
    if (report.kind === 'dispute')
      throw new PaymentError('payment_disputed', report.note ?? 'A payment is disputed.');
    if (isOver)
      throw new PaymentError(
        'payment_refund_failed',
        'A refund failed after it was accepted: the client does not get the money.',
      );
    // No money came: on an invoice that takes none, a failed attempt is nothing to look at.
    if (report.status === 'failed' && report.kind === 'payment' && !takesPayment(report, invoice))
      return { outcome: 'unplaced' };
    if (report.status === 'succeeded' || report.kind === 'refund')
      refuseMisfit(report, invoice, existing !== undefined);
    const paymentId = existing
      ? await settle(transaction, existing.id, report)
      : await insert(transaction, provider, invoiceId, report);
    return { outcome: 'booked', paymentId };
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    await setAside(transaction, provider, invoiceId, report, error.message);
    return { outcome: 'set_aside' };
  }
}

/** A booked refund failed: the company has the money again. */
function takesBack({ kind, status }: PaymentReport): boolean {
  return kind === 'refund' && status === 'failed';
}

async function invoiceOf(
  { query }: TenantTransaction,
  provider: string,
  payment: string | undefined,
): Promise<string | undefined> {
  const { rows } = await query<{ invoice_id: string }>(
    'select invoice_id from public.payments where provider = $1 and provider_id = $2',
    [provider, payment ?? null],
  );
  return rows[0]?.invoice_id;
}

/** Whether the database lets a payment be recorded on the invoice. */
function takesPayment({ currency }: PaymentReport, invoice: InvoiceRow): boolean {
  return currency === invoice.currency && !['draft', 'void'].includes(invoice.status);
}

function refuseMisfit(report: PaymentReport, invoice: InvoiceRow, isKnown: boolean): void {
  reconcile(report, { currency: invoice.currency, balance: Number(invoice.balance) });
  if (report.kind === 'payment' && ['draft', 'void', 'written_off'].includes(invoice.status)) {
    throw new PaymentError('payment_not_due', `A payment came for an invoice that is ${invoice.status}.`);
  }
  if (report.kind === 'refund' && !isKnown && ['draft', 'void'].includes(invoice.status)) {
    throw new PaymentError('payment_not_due', `A refund came for an invoice that is ${invoice.status}.`);
  }
}

const FAILED = 'The provider reports that it failed.';

async function settle(
  { query }: TenantTransaction,
  id: string,
  { status, providerId }: PaymentReport,
): Promise<string> {
  await query('update public.payments set status = $2, provider_id = $3, failure_reason = $4 where id = $1', [
    id,
    status,
    providerId,
    status === 'failed' ? FAILED : null,
  ]);
  return id;
}

async function insert(
  transaction: TenantTransaction,
  provider: string,
  invoiceId: string,
  report: PaymentReport,
): Promise<string> {
  const refundOf =
    report.kind === 'refund' ? await refundedPayment(transaction, provider, invoiceId, report) : null;
  const { rows } = await transaction.query<{ id: string }>(
    `insert into public.payments
       (invoice_id, kind, amount, currency, method, status, provider, provider_id, fee, refund_of_id, failure_reason)
     values ($1, $2, $3, $4, 'card', $5, $6, $7, $8, $9, $10) returning id`,
    [
      invoiceId,
      report.kind,
      report.amount,
      report.currency,
      report.status,
      provider,
      report.providerId,
      report.fee ?? null,
      refundOf,
      report.status === 'failed' ? FAILED : null,
    ],
  );
  return rows[0]?.id ?? '';
}

/** The payment of a refund: the one the provider names, else the newest with enough left. */
async function refundedPayment(
  { query }: TenantTransaction,
  provider: string,
  invoiceId: string,
  report: PaymentReport,
): Promise<string> {
  const { rows } = await query<{ id: string }>(
    `select p.id from public.payments p
     where p.invoice_id = $1 and p.provider = $2 and p.kind = 'payment' and p.status = 'succeeded'
       and ($3::text is null or p.provider_id = $3)
       and p.amount - coalesce((select sum(r.amount) from public.payments r
         where r.refund_of_id = p.id and r.status in ('pending', 'succeeded')), 0) >= $4
     order by p.paid_at desc limit 1`,
    [invoiceId, provider, report.refundOf ?? null, report.amount],
  );
  const [payment] = rows;
  if (payment) return payment.id;
  throw new PaymentError('payment_refund_unknown', 'A refund came for a payment that is not booked.');
}

/** Makes one task for a report, however often it is sent. */
async function setAside(
  { query }: TenantTransaction,
  provider: string,
  invoiceId: string,
  report: PaymentReport,
  reason: string,
): Promise<void> {
  // A refund or dispute gets a second task if its outcome changes.
  const state = report.state ?? (report.status === 'failed' ? 'failed' : undefined);
  const title = `Look at ${provider} ${report.kind} ${report.providerId}${state ? ` (${state})` : ''}`;
  await query(
    `insert into public.tasks (title, description, priority, entity_type, entity_id, due_date)
     select $1, $2, 'urgent', 'invoice', $3, tenancy.today()
     where not exists (select from public.tasks where title = $1 and entity_id = $3)`,
    [title, `${reason} It is about ${formatMoney(report.amount, report.currency)}.`, invoiceId],
  );
}

function unknownInvoice(): PaymentError {
  return new PaymentError('payment_unknown_invoice', 'The report is about an invoice that does not exist.');
}

/**
 * Checks a report against its invoice: same currency, and not more than the balance.
 *
 * @throws PaymentError `payment_currency_mismatch`, `payment_too_much`
 */
export function reconcile(report: PaymentReport, invoice: { currency: string; balance: number }): void {
  if (report.currency.toUpperCase() !== invoice.currency.toUpperCase()) {
    throw new PaymentError(
      'payment_currency_mismatch',
      `A payment in ${report.currency} came for an invoice in ${invoice.currency}.`,
      {
        hint: 'Refund it with the provider and ask for payment again.',
      },
    );
  }
  if (report.kind === 'payment' && report.amount > invoice.balance) {
    throw new PaymentError('payment_too_much', 'A payment is larger than what the invoice still asks for.', {
      hint: 'Refund the difference, or record it on account by hand.',
    });
  }
}
