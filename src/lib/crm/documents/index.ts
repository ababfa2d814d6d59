import { type Rendering, render } from '../rendering';
import type { Branding, DocumentModel } from './model';

export { sanitizeDocumentHtml } from './html';
export { loadBranding, loadContract, loadInvoice, loadQuote, readSchedule } from './load';
export { loadCrewBrief, loadLabels, loadPackingList, type NameUser } from './load-operations';
export type * from './model';
export { wordsOf } from './words';

/**
 * Renders a document as PDF, in a thread. The same model and branding always give the same pages.
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
