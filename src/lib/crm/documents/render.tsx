import { type DocumentProps, renderToBuffer } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import { ContractSheet } from './contract';
import { LabelsSheet } from './labels';
import type { Branding, DocumentModel } from './model';
import { CrewBriefSheet, PackingListSheet } from './operations-documents';
import { SalesSheet } from './sales-document';

/** Renders a document as PDF, in this thread. The same model and branding always give the same pages. */
export async function renderPdf(document: DocumentModel, branding: Branding): Promise<Buffer> {
  const locale = ('locale' in document && document.locale) || branding.locale;
  const look = { ...printable(branding), locale };
  return renderToBuffer(sheet(printable(document), look) as ReactElement<DocumentProps>);
}

/** The fonts have letters of every script in use here but no pictures: emoji are left out rather than printed as boxes. */
function printable<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/\p{Extended_Pictographic}[\uFE0F\u200D]*/gu, '') as T;
  if (Array.isArray(value)) return value.map(printable) as T;
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, printable(part)])) as T;
}

function sheet(document: DocumentModel, branding: Branding): ReactElement {
  switch (document.kind) {
    case 'quote':
    case 'invoice':
      return <SalesSheet document={document} branding={branding} />;
    case 'contract':
      return <ContractSheet document={document} branding={branding} />;
    case 'packing-list':
      return <PackingListSheet document={document} branding={branding} />;
    case 'crew-brief':
      return <CrewBriefSheet document={document} branding={branding} />;
    case 'labels':
      return <LabelsSheet document={document} branding={branding} />;
  }
}
