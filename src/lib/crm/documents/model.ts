// Models of documents, read from the tenant's database before rendering, which needs no database.

import type { Typeface } from './fonts';

/** The tenant's own look. Colors are `#rrggbb`. */
export interface Branding {
  companyName: string;
  /** Address, phone, email, tax number: printed under the name. */
  companyLines: string[];
  /** PNG or JPEG bytes. */
  logo?: Uint8Array;
  primaryColor: string;
  /** Noto Sans unless said. */
  typeface?: Typeface;
  locale: string;
}

export interface Party {
  name: string;
  lines: string[];
}

/** Amounts are minor units as text or number, as the database sends bigint. */
export type MinorUnits = string | number;

export interface DocumentLine {
  id?: string;
  name: string;
  description?: string;
  /** What the package contains. */
  includes?: string[];
  quantity: string | number;
  unit?: string;
  unitPrice: MinorUnits;
  /** Before the line's own discount; undefined without one. */
  grossTotal?: MinorUnits;
  /** The line's discount, if it was given as a percentage. */
  discountPercent?: number;
  lineTotal: MinorUnits;
  /** An extra: it counts once it is chosen. */
  extra?: { chosen: boolean };
  packageId?: string;
}

/** What an order is for. */
export interface Occasion {
  title: string;
  dates: OccasionDate[];
}

export interface OccasionDate {
  /** ISO date. */
  date: string;
  /** `18:00` */
  start: string;
  end: string;
  /** IANA name, of `start` and `end`. */
  timezone: string;
  place?: Party;
}

export interface ScheduledPayment {
  label: string;
  /** ISO date; undefined: on acceptance, or `daysBefore` the first event date. */
  dueDate?: string;
  daysBefore?: number;
  /** Minor units, and what is paid of them. */
  amount: number;
  paid: number;
  /** ISO date on which it was covered. */
  paidOn?: string;
}

/** What of an amount falls on one tax rate. */
export interface TaxShare {
  /** `VAT 19%` */
  name: string;
  net: MinorUnits;
  tax: MinorUnits;
  gross: MinorUnits;
}

export interface ReceivedPayment {
  kind: 'payment' | 'refund' | 'credit';
  /** ISO date, in the company's timezone. */
  date: string;
  /** As in `payments.method`. */
  method: string;
  reference?: string;
  amount: MinorUnits;
  /** Of a credit of taxed sales: its share of each rate. */
  taxes?: TaxShare[];
}

export interface SalesDocument {
  kind: 'quote' | 'invoice';
  /** The client's, where it is not the company's. */
  locale?: string;
  /** Undefined while an invoice is a draft: the document then says so. */
  number?: string;
  status: string;
  /** ISO dates (`2026-05-01`). */
  issueDate?: string;
  /** When a quote expires or an invoice is due. */
  dueDate?: string;
  currency: string;
  billTo: Party;
  event?: Occasion;
  purchaseOrder?: string;
  lines: DocumentLine[];
  subtotal: MinorUnits;
  discount: MinorUnits;
  /** The document's discount, if it was given as a percentage. */
  discountPercent?: number;
  /** `net` where the prices include the tax: `amount` is then a part of the total, the tax on `net`. */
  taxes: { name: string; amount: MinorUnits; net?: MinorUnits }[];
  total: MinorUnits;
  /** Quotes only: due on acceptance. */
  deposit?: MinorUnits;
  /** Invoices only. `credited` is no part of `paid`. */
  paid?: MinorUnits;
  credited?: MinorUnits;
  balance?: MinorUnits;
  schedule?: ScheduledPayment[];
  payments?: ReceivedPayment[];
  /** How to pay, in the company's words. Only while a balance is open. */
  paymentInstructions?: string;
  terms?: string;
}

/** A payment, a refund or a credit note. */
export interface ReceiptDocument {
  kind: 'receipt';
  /** The client's, where it is not the company's. */
  locale?: string;
  number: string;
  payment: ReceivedPayment;
  currency: string;
  from: Party;
  invoiceNumber: string;
  event?: Occasion;
  /** Total of the invoice as it is now. */
  total: MinorUnits;
  paid: MinorUnits;
  credited: MinorUnits;
  balance: MinorUnits;
}

export interface ContractDocument {
  kind: 'contract';
  /** The client's, where it is not the company's. */
  locale?: string;
  number: string;
  title: string;
  /** Sanitized HTML (see `sanitizeDocumentHtml`). */
  bodyHtml: string;
  bodySha256: string;
  /** What was ordered, printed after the text. */
  order?: SalesDocument;
  /** The event of a contract without an order. */
  event?: Occasion;
  signature?: {
    name: string;
    email?: string;
    consent: string;
    /** ISO timestamp. */
    signedAt: string;
    /** The company's, in which `signedAt` is printed; IANA name. */
    timezone: string;
    address?: string;
    /** PNG bytes of a drawn signature; typed ones are set in italics. */
    drawn?: Uint8Array;
  };
}

/** What the client ordered, as the crew reads it. */
export interface OrderedItem {
  name: string;
  quantity: number;
  /** What a package contains. */
  includes: string[];
}

export interface PackingListDocument {
  kind: 'packing-list';
  event: { title: string; number: string };
  order: OrderedItem[];
  departures: {
    date: string;
    place?: string;
    booths: { name: string; items: { name: string; quantity: number }[] }[];
  }[];
}

export interface CrewBriefDocument {
  kind: 'crew-brief';
  event: { title: string; number: string; dressCode?: string; guests?: number; notes?: string };
  order: OrderedItem[];
  days: {
    date: string;
    place?: string;
    address?: string;
    times: { label: string; at: string }[];
    /** How to get in. */
    access?: string;
    booths: string[];
    crew: { name: string; role: string; arrival?: string; phone?: string }[];
  }[];
  contacts: { label: string; name: string; phone?: string }[];
}

/** What a sheet of labels is cut into: 24 on A4, 30 on Letter. */
export type LabelSheet = 'a4-24' | 'letter-30';

export interface LabelsDocument {
  kind: 'labels';
  sheet: LabelSheet;
  /** `address` goes into the code and differs between labels. */
  labels: { address: string; title: string; subtitle: string }[];
}

export type DocumentModel =
  | SalesDocument
  | ContractDocument
  | ReceiptDocument
  | PackingListDocument
  | CrewBriefDocument
  | LabelsDocument;
