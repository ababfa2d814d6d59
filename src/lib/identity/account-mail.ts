// Mail about accounts: forgotten passwords, invitations, links to sign in.
import type { ApplicationDatabase, User } from '@/lib/application';
import type { Jobs } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import { type LinkPurpose, signLink } from './links';

const QUEUE = 'account-mail';
const RETRIES = { retryLimit: 6, retryDelay: 10, retryBackoff: true, retryDelayMax: 600 };

/** What the queue keeps. The link is made when the mail is sent, so none lies in the queue. */
interface AccountMailJob {
  purpose: LinkPurpose;
  userId: string;
  /** Where the page is that the link opens, without a slash at the end. */
  base: string;
}

/** A mail as the transport takes it, but for sender and id. */
export interface AccountMessage {
  to: string;
  subject: string;
  /** HTML of a few paragraphs. */
  bodyHtml: string;
  action: { label: string; url: string };
  /** In whose name: the tenant's, or the service's. */
  companyName: string;
}

export interface AccountMailParts {
  application: ApplicationDatabase;
  jobs: Jobs;
  tokens: Tokens;
  send(message: AccountMessage): Promise<void>;
}

/** The page of the web application that a link opens. The token stands after `#`, so no server and no log sees it. */
const PAGES: Record<LinkPurpose, string> = {
  'reset-password': '/reset-password',
  invitation: '/accept-invitation',
  'sign-in': '/sign-in-by-link',
};

export class AccountMail {
  constructor(private readonly parts: AccountMailParts) {}

  /** Begins to send what is queued. */
  async start(): Promise<void> {
    const { jobs } = this.parts;
    await jobs.defineQueue(QUEUE, RETRIES);
    await jobs.work<AccountMailJob>(QUEUE, { pollingIntervalSeconds: 1 }, async ({ data }) => {
      await this.deliver(data);
      return undefined;
    });
  }

  async queue(purpose: LinkPurpose, user: Pick<User, 'id'>, base: string): Promise<void> {
    const job: AccountMailJob = { purpose, userId: user.id, base };
    await this.parts.jobs.start();
    await this.parts.jobs.defineQueue(QUEUE, RETRIES);
    await this.parts.jobs.send(QUEUE, job);
  }

  /** Sends a mail that is queued, unless its user is gone or disabled by now. */
  async deliver({ purpose, userId, base }: AccountMailJob): Promise<void> {
    const { application, tokens, send } = this.parts;
    const user = await application.users.find(userId);
    if (!user || user.status === 'disabled') return;
    const companyName = user.tenantId ? (await application.tenants.get(user.tenantId)).name : 'Marquee';
    const token = await signLink(tokens, purpose, user);
    const { subject, text, label } = (user.locale?.startsWith('de') ? GERMAN : ENGLISH)[purpose](companyName);
    await send({
      to: user.email,
      subject,
      bodyHtml: text.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join(''),
      action: { label, url: `${base}${PAGES[purpose]}#${token}` },
      companyName,
    });
  }
}

type Wording = Record<LinkPurpose, (company: string) => { subject: string; text: string[]; label: string }>;

const ENGLISH: Wording = {
  'reset-password': (company) => ({
    subject: `Choose a new password for ${company}`,
    text: [
      'Someone asked for a new password for your account. The link works once, for one hour.',
      'If it was not you, ignore this mail: your password stays as it is.',
    ],
    label: 'Choose a new password',
  }),
  invitation: (company) => ({
    subject: `You are invited to ${company}`,
    text: [
      `${company} has made an account for you. Choose a password to sign in. The link works once, for seven days.`,
    ],
    label: 'Accept the invitation',
  }),
  'sign-in': (company) => ({
    subject: `Sign in to ${company}`,
    text: ['The link signs you in once and works for one hour. If you did not ask for it, ignore this mail.'],
    label: 'Sign in',
  }),
};

const GERMAN: Wording = {
  'reset-password': (company) => ({
    subject: `Neues Passwort für ${company} wählen`,
    text: [
      'Für Ihr Konto wurde ein neues Passwort angefordert. Der Link gilt einmal, eine Stunde lang.',
      'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.',
    ],
    label: 'Neues Passwort wählen',
  }),
  invitation: (company) => ({
    subject: `Einladung zu ${company}`,
    text: [
      `${company} hat ein Konto für Sie angelegt. Wählen Sie ein Passwort, um sich anzumelden. Der Link gilt einmal, sieben Tage lang.`,
    ],
    label: 'Einladung annehmen',
  }),
  'sign-in': (company) => ({
    subject: `Bei ${company} anmelden`,
    text: [
      'Der Link meldet Sie einmal an und gilt eine Stunde. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail.',
    ],
    label: 'Anmelden',
  }),
};

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
