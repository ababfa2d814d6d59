// Mail about accounts: forgotten passwords, invitations, links to sign in.
import type { ApplicationDatabase, User } from '@/lib/application';
import type { Jobs } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import { type LinkPurpose, signLink } from './links';
import type { MailCodeData, MailCodePurpose, MailCodes } from './mail-codes';

const QUEUE = 'account-mail';
const RETRIES = { retryLimit: 6, retryDelay: 10, retryBackoff: true, retryDelayMax: 600 };

export type AccountMailPurpose =
  | LinkPurpose
  | 'sign-in'
  | 'email-change'
  | 'email-changed'
  | 'reauthentication';

/** What a mail also needs when a Supabase client requested it. */
export interface ClientMail extends MailCodeData {
  /** The link's final target, already checked against the allowed ones. Without it the link opens Marquee's own page. */
  redirectTo?: string | undefined;
}

/** What the queue stores. The link is made when the mail is sent, so that the queue holds none. */
interface AccountMailJob {
  purpose: AccountMailPurpose;
  userId: string;
  /** The base address of the page that the link opens, without a slash at the end. */
  base: string;
  client?: ClientMail;
  /** Where it goes, if not to the user's address. */
  to?: string;
}

/** A mail as the transport takes it, but for sender and id. */
export interface AccountMessage {
  to: string;
  subject: string;
  /** HTML of a few paragraphs. */
  bodyHtml: string;
  action?: { label: string; url: string };
  /** The sender's name: the tenant's, or the service's. */
  companyName: string;
  /** Language tag of the text. */
  language: string;
  /** Null for an operator's. */
  tenantId: string | null;
}

export interface AccountMailDependencies {
  application: ApplicationDatabase;
  jobs: Jobs;
  tokens: Tokens;
  codes: MailCodes;
  /** The language of a company, for people who have chosen none; undefined if it cannot be read at the moment. */
  languageOf?(tenantId: string): Promise<string | undefined>;
  send(message: AccountMessage): Promise<void>;
}

/** The page of the web application that a link opens. The token stands after `#`, so no server and no log sees it. */
const PAGES: Record<LinkPurpose, string> = {
  'reset-password': '/reset-password',
  invitation: '/accept-invitation',
};

/** For mails with six digits and a link that may lead to a client: the purpose of digits and token. */
export const CODE_PURPOSES = {
  'reset-password': 'recovery',
  invitation: 'invite',
  'sign-in': 'magiclink',
  'email-change': 'email_change',
  reauthentication: 'reauthentication',
} as const satisfies Partial<Record<AccountMailPurpose, MailCodePurpose>>;

/** The address at which a mailed token is exchanged, on the way to a client. */
export function verifyUrl(base: string, type: MailCodePurpose, token: string, redirectTo?: string): string {
  const query = new URLSearchParams({
    token,
    type,
    ...(redirectTo === undefined ? {} : { redirect_to: redirectTo }),
  });
  return `${base}/auth/v1/verify?${query}`;
}

export class AccountMail {
  constructor(private readonly parts: AccountMailDependencies) {}

  /** Begins to send what is queued. */
  async start(): Promise<void> {
    const { jobs } = this.parts;
    await jobs.defineQueue(QUEUE, RETRIES);
    await jobs.work<AccountMailJob>(QUEUE, { pollingIntervalSeconds: 1 }, async ({ data }) => {
      await this.deliver(data);
      return undefined;
    });
  }

  async queue(
    purpose: AccountMailPurpose,
    user: Pick<User, 'id'>,
    base: string,
    more: Pick<AccountMailJob, 'client' | 'to'> = {},
  ): Promise<void> {
    const job: AccountMailJob = { purpose, userId: user.id, base, ...more };
    await this.parts.jobs.start();
    await this.parts.jobs.defineQueue(QUEUE, RETRIES);
    await this.parts.jobs.send(QUEUE, job);
  }

  /** Sends a queued mail, unless its user was removed or disabled meanwhile. */
  async deliver(job: AccountMailJob): Promise<void> {
    const { application, languageOf, send } = this.parts;
    const user = await application.users.find(job.userId);
    if (!user || user.status === 'disabled') return;
    const companyName = user.tenantId ? (await application.tenants.get(user.tenantId)).name : 'Marquee';
    const spoken = user.locale ?? (user.tenantId ? await languageOf?.(user.tenantId) : undefined);
    const language = spoken?.startsWith('de') ? 'de' : 'en';
    const { subject, text, label, digits } = (language === 'de' ? GERMAN : ENGLISH)(companyName)[job.purpose];
    const { url, code } = await this.#proof(job, user);
    const paragraphs = code && digits ? [...text, `${digits} ${code}`] : text;
    await send({
      to: job.to ?? job.client?.newEmail ?? user.email,
      subject,
      bodyHtml: paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join(''),
      ...(url && label ? { action: { label, url } } : {}),
      companyName,
      language,
      tenantId: user.tenantId,
    });
  }

  /** How the mail's recipient proves the address: a link, six digits, or both. */
  async #proof(
    { purpose, base, client }: AccountMailJob,
    user: User,
  ): Promise<{ url?: string; code?: string }> {
    const { tokens, codes } = this.parts;
    const ownPage = isLink(purpose)
      ? { url: `${base}${PAGES[purpose]}#${await signLink(tokens, purpose, user)}` }
      : {};
    if (!client || purpose === 'email-changed') return ownPage;
    const { redirectTo, ...data } = client;
    const type = CODE_PURPOSES[purpose];
    const { token, code } = await codes.issue(user, type, data);
    const leadsOn = redirectTo !== undefined || purpose === 'email-change';
    return { ...ownPage, ...(leadsOn && { url: verifyUrl(base, type, token, redirectTo) }), code };
  }
}

function isLink(purpose: AccountMailPurpose): purpose is LinkPurpose {
  return purpose in PAGES;
}

type Wording = (
  company: string,
) => Record<
  AccountMailPurpose,
  { subject: string; text: string[]; label?: string /** Before six digits. */; digits?: string }
>;

const ENGLISH: Wording = (company) => ({
  'reset-password': {
    subject: `Choose a new password for ${company}`,
    text: [
      'Someone asked for a new password for your account. The link works once, for one hour.',
      'If it was not you, ignore this mail: your password stays as it is.',
    ],
    label: 'Choose a new password',
    digits: 'Where a code is asked for, enter',
  },
  invitation: {
    subject: `You are invited to ${company}`,
    text: [
      `${company} has made an account for you. Choose a password to sign in. The link works once, for seven days.`,
    ],
    label: 'Accept the invitation',
    digits: 'Where a code is asked for, enter',
  },
  'sign-in': {
    subject: `Sign in to ${company}`,
    text: ['The link signs you in once and works for one hour. If you did not ask for it, ignore this mail.'],
    label: 'Sign in',
    digits: 'Where a code is asked for, enter',
  },
  'email-change': {
    subject: `Confirm your new email address for ${company}`,
    text: [
      'Someone asked to sign in with this address from now on. The link works once, for one hour.',
      'If it was not you, ignore this mail.',
    ],
    label: 'Confirm the address',
    digits: 'Where a code is asked for, enter',
  },
  'email-changed': {
    subject: `Your email address for ${company} was changed`,
    text: [
      'Your account now signs in with another email address. If it was not you, tell an administrator of your company.',
    ],
  },
  reauthentication: {
    subject: `A code to confirm that it is you at ${company}`,
    text: [
      'Someone asked to change your account. The code works once, for ten minutes. If it was not you, change your password.',
    ],
    digits: 'The code is',
  },
});

const GERMAN: Wording = (company) => ({
  'reset-password': {
    subject: `Neues Passwort für ${company} wählen`,
    text: [
      'Für Ihr Konto wurde ein neues Passwort angefordert. Der Link gilt einmal, eine Stunde lang.',
      'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.',
    ],
    label: 'Neues Passwort wählen',
    digits: 'Wo ein Code verlangt wird, geben Sie ein:',
  },
  invitation: {
    subject: `Einladung zu ${company}`,
    text: [
      `${company} hat ein Konto für Sie angelegt. Wählen Sie ein Passwort, um sich anzumelden. Der Link gilt einmal, sieben Tage lang.`,
    ],
    label: 'Einladung annehmen',
    digits: 'Wo ein Code verlangt wird, geben Sie ein:',
  },
  'sign-in': {
    subject: `Bei ${company} anmelden`,
    text: [
      'Der Link meldet Sie einmal an und gilt eine Stunde. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail.',
    ],
    label: 'Anmelden',
    digits: 'Wo ein Code verlangt wird, geben Sie ein:',
  },
  'email-change': {
    subject: `Neue E-Mail-Adresse für ${company} bestätigen`,
    text: [
      'Mit dieser Adresse soll künftig ein Konto angemeldet werden. Der Link gilt einmal, eine Stunde lang.',
      'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail.',
    ],
    label: 'Adresse bestätigen',
    digits: 'Wo ein Code verlangt wird, geben Sie ein:',
  },
  'email-changed': {
    subject: `Ihre E-Mail-Adresse für ${company} wurde geändert`,
    text: [
      'Ihr Konto meldet sich nun mit einer anderen E-Mail-Adresse an. Wenn Sie das nicht waren, sagen Sie es einem Administrator Ihrer Firma.',
    ],
  },
  reauthentication: {
    subject: `Code zur Bestätigung bei ${company}`,
    text: [
      'Ihr Konto soll geändert werden. Der Code gilt einmal, zehn Minuten lang. Wenn Sie das nicht waren, ändern Sie Ihr Passwort.',
    ],
    digits: 'Der Code lautet',
  },
});

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
