// From a quote to a reserved, signed and invoiced event, by one link and without an account.
export { createClientLink, readClientLink } from '../client-link';
export { type Acceptance, acceptOffer, type ClosedDeal } from './accept';
export { answerDesign, answerDesignOf, askQuestion, chooseExtras, requireShown } from './client-page';
export { loadCompanyLook } from './company-look';
export { languageOf } from './consent';
export {
  type ContractPage,
  findLinkedContract,
  makeContract,
  previewContract,
  readLinkedContract,
  sendContract,
  signLinkedContract,
} from './event-contract';
export { makeInvoiceButton } from './invoice-button';
export { type DealRows, mergeValues, readDealRows, readEventRows } from './merge-values';
export { declineOffer, dueNow, findLinked, type Offer, readOffer } from './offer';
export { readDesigns } from './page-files';
export { type SendQuote, type SentQuote, sendQuote } from './send';
export { signedPdf } from './signed-pdf';
