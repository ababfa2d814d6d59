import { html, raw } from 'hono/html';
import type { InquiryForm } from '@/lib/crm/inquiries';
import { demandFor, type Entries, FIELDS, type Field, latestDay, type Problems } from './entries';
import { type FormWords, type Language, WORDS } from './words';

/** A field that people do not see: programs fill it in. */
export const HONEYPOT = 'website';

export interface FormPage {
  language: Language;
  nonce: string;
  form: InquiryForm;
  /** Signed; names this form. */
  token: string;
  /** Relative to the page: of the script, and of the same page in the other language. */
  scriptUrl: string;
  otherLanguageUrl: string | undefined;
  isEmbedded: boolean;
  entries: Entries;
  problems: Problems;
  /** About the form as a whole. */
  notice?: string;
}

const TYPES: Partial<Record<Field, string>> = {
  email: 'type="email" autocomplete="email"',
  phone: 'type="tel" autocomplete="tel"',
  first_name: 'autocomplete="given-name"',
  last_name: 'autocomplete="family-name"',
  guest_count: 'inputmode="numeric"',
};

/** The form. It works without scripts; the script shows whether a day is free, and fits a frame to its content. */
export function formPage(page: FormPage) {
  const { form, language, entries, problems, notice } = page;
  const words = WORDS[language];
  const name = form.company.name;
  const wrong = Object.keys(problems).length > 0;
  const title = form.form.heading || words.title(name);
  return shell(
    page,
    `${wrong ? words.errorPrefix : ''}${title}`,
    html`<header>
<p class="company">${name}</p>
${page.otherLanguageUrl ? html`<a class="language" href="${page.otherLanguageUrl}" lang="${other(language)}" hreflang="${other(language)}">${words.otherLanguage}</a>` : ''}
</header>
<h1>${title}</h1>
<p class="intro">${form.form.text || words.intro(name)}</p>
${notice ? html`<div class="notice" role="alert">${notice}</div>` : ''}
${wrong ? summary(problems, words) : ''}
<form method="post" novalidate data-day="${form.form.shows_availability ? 'yes' : ''}">
<input type="hidden" name="form" value="${page.token}">
<div class="trap" aria-hidden="true"><label for="f-${HONEYPOT}">${words.trap}</label><input id="f-${HONEYPOT}" name="${HONEYPOT}" tabindex="-1" autocomplete="off"></div>
<div class="fields">
${FIELDS.filter((field) => demandFor(field, form) !== 'off').map((field) => fieldOf(field, page, words))}
</div>
${consentOf(entries, problems, words, consentText(form, words))}
<button type="submit">${words.send}</button>
</form>
<footer>${[name, ...form.company.lines, form.company.phone].filter(Boolean).join(' · ')}</footer>`,
    true,
  );
}

/** What the visitor agrees to. */
export function consentText({ form, company }: InquiryForm, words: FormWords): string {
  return form.consent || words.consent(company.name);
}

/** After the inquiry was received. */
export function thanksPage(
  page: Pick<FormPage, 'language' | 'nonce' | 'form' | 'scriptUrl' | 'isEmbedded'> & { againUrl: string },
) {
  const words = WORDS[page.language];
  return shell(
    page,
    words.thanksTitle,
    html`<p class="company">${page.form.company.name}</p>
<h1 tabindex="-1" autofocus>${words.thanksTitle}</h1>
<p role="status">${words.thanks(page.form.company.name)}</p>
<p><a href="${page.againUrl}">${words.again}</a></p>`,
    true,
  );
}

/** For unknown and suspended companies and forms that are switched off: the same page, which says nothing about them. */
export function gonePage(language: Language, nonce: string) {
  const words = WORDS[language];
  const look = { language, nonce };
  return shell(look, words.goneTitle, html`<h1>${words.goneTitle}</h1><p>${words.gone}</p>`, false);
}

/** The company cannot be reached now. */
export function unavailablePage(language: Language, nonce: string) {
  const words = WORDS[language];
  const look = { language, nonce };
  return shell(look, words.unreachable, html`<p role="alert">${words.unreachable}</p>`, false);
}

function other(language: Language): Language {
  return language === 'en' ? 'de' : 'en';
}

/** Lists the problems, each leading to its field. */
function summary(problems: Problems, words: FormWords) {
  return html`<div class="notice" role="alert" tabindex="-1" id="problems" autofocus><p>${words.problems}</p><ul>${Object.entries(
    problems,
  ).map(
    ([field, problem]) =>
      html`<li><a href="#f-${field}">${words.fields[field as Field | 'consent']}: ${problem}</a></li>`,
  )}</ul></div>`;
}

function fieldOf(field: Field, { form, entries, problems, language }: FormPage, words: FormWords) {
  const demand = demandFor(field, form);
  const problem = problems[field];
  const described = [problem ? `e-${field}` : '', field === 'event_date' ? 'day' : '']
    .filter(Boolean)
    .join(' ');
  const attributes = raw(
    [
      `id="f-${field}" name="${field}"`,
      demand === 'required' ? 'required aria-required="true"' : '',
      problem ? 'aria-invalid="true"' : '',
      described ? `aria-describedby="${described}"` : '',
      TYPES[field] ?? '',
    ].join(' '),
  );
  const value = entries[field] ?? '';
  const isWide = field === 'message' || field === 'event_place';
  return html`<div class="field${isWide ? ' wide' : ''}">
<label for="f-${field}">${words.fields[field]}${demand === 'required' ? html` <span class="required">(${words.required})</span>` : ''}</label>
${
  field === 'message'
    ? html`<textarea ${attributes} rows="5" maxlength="5000">${value}</textarea>`
    : field === 'event_type'
      ? html`<select ${attributes}><option value="">${words.choose}</option>${form.eventTypes.map(
          ({ id, name }) =>
            html`<option value="${id}"${id === value ? raw(' selected') : ''}>${name}</option>`,
        )}</select>`
      : field === 'event_date'
        ? html`<input ${attributes} type="date" min="${form.today}" max="${latestDay(form.today)}" value="${value}" lang="${language}"><p id="day" class="day" role="status"></p>`
        : html`<input ${attributes} value="${value}">`
}
${problem ? html`<p class="error" id="e-${field}">${problem}</p>` : ''}
</div>`;
}

function consentOf({ consent }: Entries, problems: Problems, words: FormWords, text: string) {
  const problem = problems.consent;
  return html`<div class="consent"><input type="checkbox" id="f-consent" name="consent" value="yes" required aria-required="true"${
    consent ? raw(' checked') : ''
  }${problem ? raw(' aria-invalid="true" aria-describedby="e-consent"') : ''}>
<label for="f-consent">${text} <span class="required">(${words.required})</span></label>
${problem ? html`<p class="error" id="e-consent">${problem}</p>` : ''}</div>`;
}

type Look = Pick<FormPage, 'language' | 'nonce'> &
  Partial<Pick<FormPage, 'form' | 'scriptUrl' | 'isEmbedded'>>;

function shell(look: Look, title: string, content: unknown, withScript: boolean) {
  const color = look.form?.company.primary_color ?? '#1f2328';
  return html`<!doctype html>
<html lang="${look.language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style nonce="${look.nonce}">:root{--color:${color};--on:${raw(textOn(color))}}${raw(STYLE)}</style>
${withScript && look.scriptUrl ? html`<script src="${look.scriptUrl}" defer></script>` : ''}</head>
<body${look.isEmbedded ? raw(' class="embedded"') : ''}><main>${content}</main></body>
</html>`;
}

/** Black or white, whichever is easier to read on a color (WCAG 2 relative luminance). @param color `#rrggbb` */
function textOn(color: string): string {
  const channels = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = channels;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

const STYLE = `
*{box-sizing:border-box}body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;color:#1f2328;background:#f4f5f7}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1.25rem 3rem;background:#fff;border-top:6px solid var(--color);min-height:100vh}
.embedded{background:transparent}.embedded main{min-height:0;border:0;padding:1rem;background:#fff}
header{display:flex;justify-content:space-between;align-items:baseline;gap:1rem}
.company{font-weight:650;margin:0}.language{font-size:.9rem}a{color:#0b57d0}
h1{font-size:1.5rem;line-height:1.25;margin:.75rem 0 .5rem;outline:0}.intro{margin:0 0 1.25rem;color:#4b5563;white-space:pre-line}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.wide{grid-column:1/-1}
@media (max-width:34rem){.fields{grid-template-columns:1fr}}
label{font-weight:550;display:block}.required{font-weight:400;color:#4b5563;font-size:.85rem}
input,select,textarea{font:inherit;color:inherit;width:100%;min-height:2.75rem;margin-top:.25rem;padding:.5rem .7rem;border:1px solid #767c86;border-radius:8px;background:#fff}
:focus-visible{outline:3px solid #1a73e8;outline-offset:2px}[aria-invalid=true]{border:2px solid #b42318}
.error{color:#b42318;margin:.25rem 0 0;font-size:.9rem}.day{margin:.25rem 0 0;font-size:.9rem;font-weight:550;min-height:1.5em}
.day[data-state=free]{color:#146c2e}.day[data-state=likely]{color:#7a4d00}.day[data-state=taken]{color:#b42318}
.consent{display:grid;grid-template-columns:auto 1fr;gap:.25rem .6rem;margin:1.25rem 0;align-items:start}.consent label{font-weight:400}
.consent input{width:1.25rem;min-height:1.25rem;height:1.25rem;margin:.15rem 0 0}.consent .error{grid-column:2}
button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.6rem;border:0;border-radius:8px;background:var(--color);color:var(--on);cursor:pointer}
button[aria-disabled=true]{opacity:.6}@media (max-width:34rem){button{width:100%}}
.notice{border:2px solid #b42318;border-radius:8px;padding:.75rem 1rem;margin:0 0 1.25rem}.notice p,.notice ul{margin:0}.notice ul{padding-left:1.2rem}
.trap{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}
footer{margin-top:2rem;font-size:.85rem;color:#4b5563}`;
