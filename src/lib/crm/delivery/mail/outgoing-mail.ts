/** What the keys of reminders begin with. They end in the day that is reminded of. */
export const REMINDER = 'reminder:';

/** A mail to queue. The row in `communications` is the mail; the job only names it. */
export interface OutgoingMail {
  to: string;
  subject: string;
  /** Merged and sanitized again when it is sent. */
  bodyHtml: string;
  /** One thing to do. */
  action?: Action;
  /** Makes the action, called for mails that are not known yet: a link is made for those only. */
  makeAction?: () => Promise<Action>;
  /** Further recipients. */
  cc?: readonly string[];
  /** Documents and files that go with it. */
  attached?: readonly Attached[];
  /** Language tag of the text. Default: the company's language. */
  language?: string;
  /** A mail with a known key is not queued again. */
  key?: string;
  /** What it is about; columns of `communications`. */
  about?: Partial<
    Record<
      'account_id' | 'contact_id' | 'lead_id' | 'opportunity_id' | 'event_id' | 'quote_id' | 'invoice_id',
      string | null
    >
  >;
}

/** What goes with a mail: a document, made as PDF when the mail is sent, or a stored file. */
export interface Attached {
  kind: 'quote' | 'invoice' | 'receipt' | 'contract' | 'file';
  id: string;
}

/** The button of a mail. */
export interface Action {
  label: string;
  url: string;
  /** What its link opens. Noted with the mail, so that a new link can be made where this one is kept no more. */
  opens?: Linked;
}

/** What a client's link opens. */
export interface Linked {
  kind: 'quote' | 'contract' | 'invoice';
  id: string;
}
