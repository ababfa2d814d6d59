// Inquiries of the public form, `/book/<subdomain>`.
export { type InquiryForm, readDay, readInquiryForm } from './form';
export { patiently } from './patiently';
export { type Inquiry, receiveInquiry } from './receive';
export type { Visitor } from './website-client';
