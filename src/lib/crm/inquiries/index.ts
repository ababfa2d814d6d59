// Inquiries of the public form, `/book/<subdomain>`.
export { type InquiryForm, readDay, readInquiryForm } from './form';
export { type Inquiry, receiveInquiry } from './receive';
export { retryWhileUnavailable } from './retry';
export type { Visitor } from './website-client';
