// Mails written by hand about a record: whom they go to, what their fields stand for, what may go with them.

export { type Attachable, listAttachable, makeAttachments } from './attachments';
export { rememberAddress } from './corrected-address';
export { ABOUT_KINDS, type About, mailColumns, readRowsAbout, recipientOf } from './record-rows';
export { suggestMail } from './suggestion';
