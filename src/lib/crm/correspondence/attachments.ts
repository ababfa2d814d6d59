import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { type DealRows, signedPdf } from '../closing';
import type { Attached, MailAttachment } from '../delivery/jobs';
import {
  DocumentError,
  loadBranding,
  loadInvoice,
  loadQuote,
  loadReceipt,
  loadReceiptNumbers,
  receiptTitle,
  renderDocument,
} from '../documents';
import { loadSettings } from '../settings';
import { type FileStorage, readStored, storageOf } from '../storage';
import type { About } from './record-rows';

const PDF = 'application/pdf';
/** Files offered for one record. */
const MOST_FILES = 50;

/** What may go with a mail, and its name. */
export interface Attachable extends Attached {
  name: string;
}

/** What may go with a mail about a record: its quotes, issued invoices with their receipts, signed contracts and files, as far as the user sees them. */
export async function listAttachable(
  client: TenantClient,
  about: About,
  rows: DealRows,
): Promise<Attachable[]> {
  const { opportunity, quote, invoice, event } = rows;
  const deal = opportunity?.id ?? event?.opportunity_id;
  const [quotes, contracts, invoices, receipts, files] = await Promise.all([
    deal ? list(client, 'quotes', { opportunity_id: deal }) : quote ? [quote] : [],
    deal
      ? list(client, 'contracts', { opportunity_id: deal, status: 'signed' })
      : event
        ? list(client, 'contracts', { event_id: event.id, status: 'signed' })
        : [],
    about.kind === 'invoice' && invoice
      ? [invoice]
      : event
        ? list(client, 'invoices', { event_id: event.id })
        : invoice
          ? [invoice]
          : [],
    about.kind === 'invoice' && invoice?.invoice_number ? listReceipts(client, rows) : [],
    list(client, 'attachments', { entity_type: about.kind, entity_id: about.id }),
  ]);
  return [
    ...quotes
      .filter(({ status }) => status !== 'superseded')
      .map(({ id, quote_number }) => ({ kind: 'quote' as const, id, name: pdfName(quote_number) })),
    ...invoices
      .filter(({ invoice_number, status }) => invoice_number && status !== 'void')
      .map(({ id, invoice_number }) => ({
        kind: 'invoice' as const,
        id,
        name: pdfName(invoice_number ?? ''),
      })),
    ...receipts,
    ...contracts.map(({ id, contract_number }) => ({
      kind: 'contract' as const,
      id,
      name: pdfName(contract_number),
    })),
    ...files.map(({ id, file_name }) => ({ kind: 'file' as const, id, name: file_name })),
  ];
}

/** The receipts of an invoice, named in the language in which they are printed. */
async function listReceipts(client: TenantClient, { invoice, account }: DealRows): Promise<Attachable[]> {
  if (!invoice) return [];
  const [receipts, { locale }] = await Promise.all([
    loadReceiptNumbers(client, invoice),
    loadSettings(client, ['locale']),
  ]);
  const language = account?.locale ?? locale;
  return receipts.map(({ id, kind, number }) => ({
    kind: 'receipt',
    id,
    name: pdfName(receiptTitle(language, kind, number)),
  }));
}

async function list<Table extends 'quotes' | 'contracts' | 'invoices' | 'attachments'>(
  client: TenantClient,
  table: Table,
  filter: object,
) {
  const { rows } = await new GenericRepository(client, table).list({
    filter: filter as never,
    limit: MOST_FILES,
  });
  return rows;
}

function pdfName(number: string): string {
  return `${number.replace(/[/\\]/g, '-')}.pdf`;
}

/**
 * Makes and reads what goes with a mail. What was deleted since is left out.
 *
 * @param client of the whole tenant
 * @throws StorageError; RenderingError
 */
export async function makeAttachments(
  client: TenantClient,
  storage: FileStorage,
  tenantId: string,
  attached: readonly Attached[],
): Promise<MailAttachment[]> {
  const made: MailAttachment[] = [];
  for (const one of attached) {
    const attachment = await makeAttachment(client, storage, tenantId, one);
    if (attachment) made.push(attachment);
  }
  return made;
}

async function makeAttachment(
  client: TenantClient,
  storage: FileStorage,
  tenantId: string,
  { kind, id }: Attached,
): Promise<MailAttachment | undefined> {
  if (kind === 'contract') {
    const { name, mimeType, content } = await signedPdf(client, storage, tenantId, id);
    return { filename: name, contentType: mimeType, content: Buffer.from(content) };
  }
  if (kind === 'file') {
    const row = await new GenericRepository(client, 'attachments').find(id);
    if (!row) return undefined;
    const content = await readStored(storageOf(storage, tenantId), row);
    return { filename: row.file_name, contentType: row.mime_type, content: Buffer.from(content) };
  }
  if (kind === 'receipt') return makeReceipt(client, tenantId, id);
  const found = await new GenericRepository(client, kind === 'quote' ? 'quotes' : 'invoices').find(id);
  if (!found) return undefined;
  const [model, branding] = await Promise.all([
    kind === 'quote' ? loadQuote(client, id) : loadInvoice(client, id),
    loadBranding(client),
  ]);
  const content = await renderDocument(model, branding, { tenantId });
  return { filename: pdfName(model.number ?? ''), contentType: PDF, content: Buffer.from(content) };
}

/** Undefined where the payment was taken back since. */
async function makeReceipt(
  client: TenantClient,
  tenantId: string,
  id: string,
): Promise<MailAttachment | undefined> {
  if (!(await new GenericRepository(client, 'payments').find(id))) return undefined;
  const [model, branding] = await Promise.all([
    loadReceipt(client, id).catch((error: unknown) => {
      if (error instanceof DocumentError && error.code === 'receipt_not_paid') return undefined;
      throw error;
    }),
    loadBranding(client),
  ]);
  if (!model) return undefined;
  const content = await renderDocument(model, branding, { tenantId });
  return {
    filename: pdfName(receiptTitle(model.locale ?? branding.locale, model.payment.kind, model.number)),
    contentType: PDF,
    content: Buffer.from(content),
  };
}
