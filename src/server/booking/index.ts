import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Tenant } from '@/lib/application';
import {
  type Inquiry,
  type InquiryForm,
  readDay,
  readInquiryForm,
  receiveInquiry,
  retryWhileUnavailable,
  type Visitor,
} from '@/lib/crm/inquiries';
import { idOf } from '@/lib/crm/storage';
import { addressKey, IdentityError, type Limit } from '@/lib/identity';
import { RepositoryError } from '@/lib/repositories';
import { SecretError } from '@/lib/secrets';
import { limitByAddress } from '../api/rate-limit';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { findProblems, readEntries, toInquiry } from './entries';
import {
  consentText,
  type FormPage,
  formPage,
  gonePage,
  HONEYPOT,
  thanksPage,
  unavailablePage,
} from './page';
import { EMBED_SCRIPT, FORM_SCRIPT } from './scripts';
import { confirmationMail } from './visitor-mail';
import { chooseLanguage, type Language, WORDS } from './words';

/** Pages, scripts and questions a minute from one address. */
const REQUESTS = 60;
/** Inquiries from one address, to one company, and mails to one visitor's address. */
const BY_ADDRESS: Limit = { name: 'inquiry-address', attempts: 10, seconds: 3600 };
const BY_COMPANY: Limit = { name: 'inquiry-company', attempts: 100, seconds: 3600 };
const BY_MAIL: Limit = { name: 'inquiry-mail', attempts: 3, seconds: 86_400 };
/**
 * Days asked for: with one form, from one address at one company in a day, and at one company by all. A calendar of a year takes
 * one address more than a week.
 */
const DAYS_BY_FORM: Limit = { name: 'inquiry-days-form', attempts: 12, seconds: 86_400 };
const DAYS_BY_ADDRESS: Limit = { name: 'inquiry-days-address', attempts: 40, seconds: 86_400 };
const DAYS_BY_COMPANY: Limit = { name: 'inquiry-days-company', attempts: 1_000, seconds: 3600 };
/** How long a form can be sent after it was shown. */
const FORM_SECONDS = 24 * 3600;
/** People take longer to fill in a form, programs do not. */
const SHORTEST_MS = 2_500;
const LARGEST_BODY = 64 * 1024;
const PURPOSE = 'inquiry';

interface Asked {
  tenant: Tenant;
  visitor: Visitor;
  form: InquiryForm;
  language: Language;
}

/** `/book/<subdomain>`: the public inquiry form of a company, and a script that embeds it into the company's web site. */
export function bookingPages(parts: ApiDependencies): Hono<Environment> {
  const pages = new Hono<Environment>();
  pages.use(limitByAddress(REQUESTS));

  pages.get('/form.js', (context) => sendScript(context, FORM_SCRIPT));
  pages.get('/:company/embed.js', (context) => sendScript(context, EMBED_SCRIPT));

  pages.get('/:company', (context) =>
    withForm(context, parts, async (asked) =>
      sendForm(context, asked, { token: await signForm(parts, asked), entries: {}, problems: {} }),
    ),
  );

  pages.get('/:company/thanks', (context) =>
    withForm(context, parts, async ({ form, language }) => {
      const look = { language, form, ...lookOf(context, form) };
      const againUrl = pageUrl(context, language);
      return context.html(thanksPage({ ...look, againUrl }));
    }),
  );

  pages.get('/:company/day', (context) =>
    withForm(context, parts, async ({ visitor, tenant, language }) => {
      const { day = '', form: token = '' } = context.req.query();
      const { id } = await parts.tokens.verifyPurposeToken(token, PURPOSE);
      await parts.signIn.limits.count([
        { limit: DAYS_BY_FORM, of: id },
        { limit: DAYS_BY_ADDRESS, of: `${tenant.id} ${addressKey(context.env.address)}` },
        { limit: DAYS_BY_COMPANY, of: tenant.id },
      ]);
      const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
      const state = isDay ? await readDay(visitor, day) : null;
      return context.json(state ? { state, text: WORDS[language].day[state] } : {});
    }),
  );

  pages.post('/:company', (context) =>
    withForm(context, parts, async (asked) => {
      const { form, tenant, visitor, language } = asked;
      const words = WORDS[language];
      const fields = await readFields(context);
      const entries = readEntries(fields);
      const token = typeof fields.form === 'string' ? fields.form : '';
      const shown = await readForm(parts, token, tenant);
      /** Shows the form again, with what was entered. A form that cannot be sent any more is replaced. */
      const again = async (status: 400 | 409 | 422 | 429 | 503, notice?: string, fresh = false) =>
        sendForm(
          context,
          asked,
          {
            entries,
            token: fresh || !shown ? await signForm(parts, asked) : token,
            problems: status === 422 ? findProblems(entries, form, words) : {},
            ...(notice ? { notice } : {}),
          },
          status,
        );
      // Never dropped in silence: a password manager may fill in the trap too.
      if (!shown || fields[HONEYPOT] || Date.now() - shown.shownAt < SHORTEST_MS)
        return again(400, words.sendAgain);
      if (Object.keys(findProblems(entries, form, words)).length > 0) return again(422);
      const consent = consentText(form, words);
      const inquiry = toInquiry(idOf(`${tenant.id}:inquiry:${shown.id}`), entries, form, words, consent);
      try {
        await parts.signIn.limits.count([
          { limit: BY_ADDRESS, of: addressKey(context.env.address) },
          { limit: BY_COMPANY, of: tenant.id },
        ]);
        // The database gives notice to the company's owners as it knows them.
        await parts.people.freshen(tenant.id);
        const received = await receiveInquiry(visitor, inquiry);
        if (!received.isRepeated) await confirm(parts, asked, inquiry, received.leadId);
      } catch (error) {
        if (error instanceof IdentityError && error.code === 'too_many_attempts')
          return again(429, words.tooMany);
        if (error instanceof RepositoryError && error.code === 'rule_violated')
          return again(409, words.sentBefore, true);
        parts.logger.warn({ err: error, tenantId: tenant.id }, 'inquiry not received');
        return again(503, words.unavailable);
      }
      context.set('tenantId', tenant.id);
      return context.redirect(pageUrl(context, language, '/thanks'), 303);
    }),
  );

  return pages;
}

/** Mails the visitor. The inquiry is stored: a mail that cannot be queued does not fail it. */
async function confirm(
  parts: ApiDependencies,
  { tenant, form, language }: Asked,
  inquiry: Inquiry,
  leadId: string,
): Promise<void> {
  const { mail } = parts.services;
  if (!mail || !inquiry.email) return;
  const to = inquiry.email.toLowerCase();
  try {
    await parts.signIn.limits.count([{ limit: BY_MAIL, of: to }]);
    await (await mail()).queue(tenant.id, confirmationMail(inquiry, form, language, leadId));
  } catch (err) {
    parts.logger.warn({ err, tenantId: tenant.id }, 'inquiry not confirmed by mail');
  }
}

/**
 * Answers with what `answer` makes of the company's form; for an unknown or suspended company, and where the form is switched off,
 * with one plain page.
 */
async function withForm(
  context: Context<Environment>,
  parts: ApiDependencies,
  answer: (asked: Asked) => Promise<Response>,
): Promise<Response> {
  context.header('cache-control', 'no-store');
  const company = (context.req.param('company') ?? '').toLowerCase();
  const accepted = context.req.header('accept-language') ?? '';
  const nonce = makeNonce();
  const tenant = await parts.application.tenants.findBySubdomain(company);
  const visitor = tenant && { manager: parts.manager, tokens: parts.tokens, tenantId: tenant.id };
  let form: InquiryForm | undefined;
  try {
    // What was typed must not be lost while the company is being moved.
    const read = () => (visitor && tenant.status === 'active' ? readInquiryForm(visitor) : undefined);
    form = context.req.method === 'POST' ? await retryWhileUnavailable(async () => read()) : await read();
  } catch (error) {
    parts.logger.warn({ err: error, tenantId: tenant?.id }, 'inquiry form not read');
    const language = chooseLanguage(context.req.query('lang'), accepted, '');
    context.set('framing', { policy: policyOf(nonce, []) });
    context.header('retry-after', '10');
    return context.html(unavailablePage(language, nonce), 503);
  }
  if (!tenant || !visitor || !form) {
    context.set('framing', { policy: policyOf(nonce, []) });
    return context.html(gonePage(chooseLanguage(context.req.query('lang'), accepted, ''), nonce), 404);
  }
  const language = chooseLanguage(context.req.query('lang'), accepted, form.locale);
  return answer({ tenant, visitor, form, language });
}

type Shown = Pick<FormPage, 'token' | 'entries' | 'problems' | 'notice'>;

async function sendForm(
  context: Context<Environment>,
  { form, language }: Asked,
  shown: Shown,
  status: 200 | 400 | 409 | 422 | 429 | 503 = 200,
): Promise<Response> {
  // Only to whom it may be of use: a company in Ohio whose visitors read English shows no link to German.
  const other = language === 'en' ? 'de' : 'en';
  const spoken = [form.locale, ...(context.req.header('accept-language') ?? '').split(',')];
  const isSpoken = spoken.some((tag) => tag.trim().toLowerCase().startsWith(other));
  const otherLanguageUrl = isSpoken ? pageUrl(context, other) : undefined;
  const page = formPage({ ...shown, form, language, otherLanguageUrl, ...lookOf(context, form) });
  return context.html(page, status);
}

/** What all pages of the form need; allows the company's own web sites to frame them. */
function lookOf(context: Context<Environment>, { form }: InquiryForm) {
  const nonce = makeNonce();
  context.set('framing', { policy: policyOf(nonce, form.sites) });
  return { nonce, scriptUrl: `${context.env.prefix}/book/form.js`, isEmbedded: isEmbedded(context) };
}

function policyOf(nonce: string, sites: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    "script-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${["'self'", ...sites].join(' ')}`,
  ].join('; ');
}

function isEmbedded(context: Context<Environment>): boolean {
  return context.req.query('embed') === '1';
}

/** A page of the same form, in a language, in a frame where this one is. */
function pageUrl(context: Context<Environment>, language: Language, page = ''): string {
  const query = new URLSearchParams({ lang: language, ...(isEmbedded(context) ? { embed: '1' } : {}) });
  return `${context.env.prefix}/book/${encodeURIComponent(context.req.param('company') ?? '')}${page}?${query}`;
}

function makeNonce(): string {
  return randomBytes(16).toString('base64');
}

function signForm({ tokens }: ApiDependencies, { tenant }: Asked): Promise<string> {
  return tokens.signPurposeToken(PURPOSE, tenant.id, {}, FORM_SECONDS);
}

/** The form of a token; undefined where it is another company's, too old, or not ours. */
async function readForm({ tokens }: ApiDependencies, token: string, tenant: Tenant) {
  try {
    const { id, subject, expiresAt } = await tokens.verifyPurposeToken(token, PURPOSE);
    return subject === tenant.id ? { id, shownAt: expiresAt.getTime() - FORM_SECONDS * 1000 } : undefined;
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
}

/** The fields of a sent form; none where it is too large or cannot be read. */
async function readFields(context: Context<Environment>): Promise<Record<string, unknown>> {
  if (Number(context.req.header('content-length') ?? Number.POSITIVE_INFINITY) > LARGEST_BODY) return {};
  return context.req.parseBody().catch(() => ({}));
}

function sendScript(context: Context<Environment>, script: string): Response {
  context.set('framing', { policy: "default-src 'none'" });
  return context.body(script, 200, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=3600',
  });
}
