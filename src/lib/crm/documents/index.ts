import { type Rendering, render } from '../rendering';
import type { Branding, DocumentModel } from './model';

export { formatTime, linesOf } from './dates-and-times';
export { DocumentError } from './errors';
export { sanitizeDocumentHtml } from './html';
export { depositOf, dueOnAcceptance, loadBranding, loadContract, loadInvoice, loadQuote } from './load';
export { loadCrewBrief, type NameUser } from './load-crew-brief';
export { loadLabels } from './load-labels';
export { loadPackingList } from './load-packing-list';
export { loadReceipt, loadReceiptNumbers, loadReceived, readSchedule } from './load-payments';
export type * from './model';
export { receiptTitle, wordsOf } from './words';

/**
 * Renders a document as PDF, in a process of its own. The same model and branding always give the same pages.
 *
 * @throws as `render` of rendering/
 */
export function renderDocument(
  document: DocumentModel,
  branding: Branding,
  rendering: Rendering,
): Promise<Uint8Array> {
  return render({ kind: 'document', document, branding }, rendering);
}
