// Models of documents, read from the tenant's database before rendering, which needs no database.

/** The tenant's own look. Colours are `#rrggbb`. */
export interface Branding {
  companyName: string;
  /** Address, phone, e-mail: printed under the name. */
  companyLines: string[];
  /** PNG or JPEG bytes. */
  logo?: Uint8Array;
  primaryColor: string;
  locale: string;
}

export interface Party {
  name: string;
  lines: string[];
}

/** Amounts are minor units as text or number, as the database sends bigint. */
export type MinorUnits = string | number;

export interface DocumentLine {
  name: string;
  description?: string;
  quantity: string | number;
  unit?: string;
  unitPrice: MinorUnits;
  lineTotal: MinorUnits;
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
  /** `dates` are ISO dates. */
  event?: { title: string; dates: string[]; place?: string };
  purchaseOrder?: string;
  lines: DocumentLine[];
  subtotal: MinorUnits;
  discount: MinorUnits;
  taxes: { name: string; amount: MinorUnits }[];
  total: MinorUnits;
  /** Invoices only. */
  paid?: MinorUnits;
  balance?: MinorUnits;
  schedule?: { label: string; dueDate?: string; amount: MinorUnits }[];
  terms?: string;
}

export interface ContractDocument {
  kind: 'contract';
  /** The client's, where it is not the company's. */
  locale?: string;
  number: string;
  title: string;
  /** Sanitised HTML (see `sanitizeDocumentHtml`). */
  bodyHtml: string;
  bodySha256: string;
  signature?: {
    name: string;
    email?: string;
    consent: string;
    /** ISO timestamp. */
    signedAt: string;
    address?: string;
    /** PNG bytes of a drawn signature; typed ones are set in italics. */
    drawn?: Uint8Array;
  };
}

export interface PackingListDocument {
  kind: 'packing-list';
  event: { title: string; number: string };
  departures: {
    date: string;
    place?: string;
    booths: { name: string; items: { name: string; quantity: number }[] }[];
  }[];
}

export interface CrewBriefDocument {
  kind: 'crew-brief';
  event: { title: string; number: string; dressCode?: string; notes?: string };
  days: {
    date: string;
    place?: string;
    address?: string;
    times: { label: string; at: string }[];
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
  | PackingListDocument
  | CrewBriefDocument
  | LabelsDocument;
