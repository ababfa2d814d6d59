import { type DocumentProps, renderToBuffer } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import { ContractSheet } from './contract';
import { LabelsSheet } from './labels';
import type { Branding, DocumentModel } from './model';
import { CrewBriefSheet, PackingListSheet } from './operations-documents';
import { printable } from './printable';
import { ReceiptSheet } from './receipt';
import { SalesSheet } from './sales-document';

/** Renders a document as PDF, in this thread. The same model and branding always give the same pages. */
export async function renderPdf(document: DocumentModel, branding: Branding): Promise<Buffer> {
  const locale = ('locale' in document && document.locale) || branding.locale;
  const look = { ...(await printable(branding)), locale };
  return renderToBuffer(sheet(await printable(document), look) as ReactElement<DocumentProps>);
}

function sheet(document: DocumentModel, branding: Branding): ReactElement {
  switch (document.kind) {
    case 'quote':
    case 'invoice':
      return <SalesSheet document={document} branding={branding} />;
    case 'contract':
      return <ContractSheet document={document} branding={branding} />;
    case 'receipt':
      return <ReceiptSheet document={document} branding={branding} />;
    case 'packing-list':
      return <PackingListSheet document={document} branding={branding} />;
    case 'crew-brief':
      return <CrewBriefSheet document={document} branding={branding} />;
    case 'labels':
      return <LabelsSheet document={document} branding={branding} />;
  }
}
