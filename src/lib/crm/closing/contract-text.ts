import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import { type MergeValues, MissingValues, mergeTemplate } from '../templates';
import { ClosingError } from './errors';

/** A text in the languages that Marquee speaks. */
type Plain = Readonly<Record<'en' | 'de', string>>;

/** What a client signs where the company has written no contract template of its own. */
const PLAIN_AGREEMENT: Plain = {
  en: `
<h1>Agreement</h1>
<p>{{company.name}} provides to {{account.name}}, on {{event.date}}, what quote {{quote.number}} lists, for a total of
{{quote.total}}.</p>
<p>The client pays as the quote’s terms say. The date is reserved when this agreement is signed.</p>`,
  de: `
<h1>Vereinbarung</h1>
<p>{{company.name}} erbringt für {{account.name}} am {{event.date}}, was Angebot {{quote.number}} aufführt, zu insgesamt
{{quote.total}}.</p>
<p>Der Kunde zahlt nach den Bedingungen des Angebots. Der Termin ist mit der Unterschrift reserviert.</p>`,
};

/** The agreement for an event without a quote. */
export const PLAIN_EVENT_AGREEMENT: Plain = {
  en: `
<h1>Agreement</h1>
<p>{{company.name}} provides to {{account.name}}, on {{event.date}}, its services at {{event.title}}.</p>
<p>The date is reserved when this agreement is signed.</p>`,
  de: `
<h1>Vereinbarung</h1>
<p>{{company.name}} erbringt für {{account.name}} am {{event.date}} seine Leistungen bei {{event.title}}.</p>
<p>Der Termin ist mit der Unterschrift reserviert.</p>`,
};
const PLAIN_TITLE: Plain = { en: 'Agreement', de: 'Vereinbarung' };

export interface ContractText {
  templateId: string | null;
  title: string;
  bodyHtml: string;
}

/**
 * The contract that goes with a quote: the template asked for, else the company’s default, else a plain agreement.
 *
 * @throws ClosingError `quote_template_unknown`, `quote_template_incomplete` naming the fields without a value, `quote_contract_empty`
 */
export async function writeContract(
  client: TenantClient,
  templateId: string | undefined,
  values: MergeValues,
): Promise<ContractText> {
  const { missing, ...text } = await mergeContract(client, templateId, values, PLAIN_AGREEMENT);
  refuseMissing(missing);
  refuseEmpty(text.title, text.bodyHtml);
  return text;
}

/** As `writeContract`, and also where values are missing. @throws ClosingError `quote_template_unknown` */
export async function mergeContract(
  client: TenantClient,
  templateId: string | undefined,
  values: MergeValues,
  plain: Plain,
): Promise<ContractText & { missing: string[] }> {
  const [template, { locale }] = await Promise.all([
    new GenericRepository(client, 'templates').findOne({
      type: 'contract',
      is_active: true,
      ...(templateId ? { id: templateId } : { is_default: true }),
    }),
    loadSettings(client, ['locale']),
  ]);
  if (templateId && !template) {
    throw new ClosingError('quote_template_unknown', 'There is no such contract template.', {
      hint: 'Choose one under Settings, Templates.',
    });
  }
  const language = locale.startsWith('de') ? 'de' : 'en';
  const { content, missing } = mergeTemplate(template?.content ?? plain[language], values, 'html');
  return {
    templateId: template?.id ?? null,
    title: template?.name ?? PLAIN_TITLE[language],
    bodyHtml: content.trim(),
    missing,
  };
}

/** @throws ClosingError `quote_template_incomplete` */
export function refuseMissing(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const cause = new MissingValues(missing);
  throw new ClosingError('quote_template_incomplete', `The contract has no value for ${cause.names}.`, {
    hint: `${cause.message} Or choose another template.`,
    cause,
  });
}

/** @throws ClosingError `quote_contract_empty` */
export function refuseEmpty(title: string, bodyHtml: string): void {
  if (bodyHtml.replace(/<[^>]*>|&nbsp;|\s/g, '') !== '') return;
  throw new ClosingError('quote_contract_empty', `The contract “${title}” has no text.`, {
    hint: 'Write the text under Settings, Templates, or choose another template.',
  });
}
