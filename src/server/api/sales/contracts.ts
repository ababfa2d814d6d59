import { createRoute, z } from '@hono/zod-openapi';
import { languageOf, makeContract, previewContract, sendContract, signedPdf } from '@/lib/crm/closing';
import type { Action } from '@/lib/crm/delivery/jobs';
import { loadSettings } from '@/lib/crm/settings';
import { textToHtml } from '@/lib/crm/templates';
import { countMail } from '@/lib/identity';
import { GenericRepository } from '@/lib/repositories';
import { requireTenantContext } from '../../tenant-context';
import { sendFile } from '../files';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  file,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const FromTemplate = z.object({
  eventId: Id,
  templateId: Id.optional().openapi({
    description: 'Without one: the company’s default, else a plain agreement.',
  }),
});
const Preview = z
  .object({
    title: z.string(),
    content: z.string().openapi({ description: 'Sanitized HTML; what is missing in brackets.' }),
    missing: z.array(z.string()),
  })
  .openapi('ContractPreview');
const SentContract = z
  .object({
    contractNumber: z.string(),
    url: z.url().openapi({ description: 'Where the client signs. Shown once: only its hash is kept.' }),
    email: z.string().nullable(),
    mailed: z.boolean(),
  })
  .openapi('SentContract');

const MadeContract = z.object({ id: Id, contractNumber: z.string() });
const SendContract = z.object({
  mail: z.boolean().default(false).openapi({ description: 'Mail the link to the signer.' }),
  message: z.string().max(5000).optional(),
});
export type ContractPreview = AnswerOf<typeof Preview>;
export type MadeContract = AnswerOf<typeof MadeContract>;
export type SentContract = AnswerOf<typeof SentContract>;
export type FromTemplate = BodyOf<typeof FromTemplate>;
export type SendContract = BodyOf<typeof SendContract>;

/** `/api/contracts`: contracts of an event, beside those that go with a quote. */
export function contractRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);

  const preview = createRoute({
    method: 'post',
    path: '/preview',
    tags: ['Contracts'],
    summary: 'Previews a contract of an event from a template, and the values it lacks.',
    request: { body: jsonBody(FromTemplate) },
    responses: { 200: json(Preview, 'The preview.') },
  });
  routes.openapi(preview, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { eventId, templateId } = context.req.valid('json');
    const { title, bodyHtml: content, missing } = await previewContract(client, eventId, templateId);
    return context.json({ title, content, missing }, 200);
  });

  const make = createRoute({
    method: 'post',
    path: '/',
    tags: ['Contracts'],
    summary: 'Makes a draft from a template. Refused where values are missing.',
    request: { headers: IdempotencyHeader, body: jsonBody(FromTemplate) },
    responses: { 201: json(MadeContract, 'Made.') },
  });
  routes.openapi(make, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { eventId, templateId } = context.req.valid('json');
    const { id, contract_number: contractNumber } = await makeContract(client, eventId, templateId);
    return context.json({ id, contractNumber }, 201);
  });

  const send = createRoute({
    method: 'post',
    path: '/{id}/send',
    tags: ['Contracts'],
    summary: 'Locks a contract’s text and makes the link at which the client signs it.',
    description: 'Sending again makes a new link; the previous one stops working.',
    request: {
      params: ById,
      headers: IdempotencyHeader,
      body: jsonBody(SendContract),
    },
    responses: { 200: json(SentContract, 'Sent.') },
  });
  routes.openapi(send, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { client, tenant } = caller;
    const service = await parts.manager.getClientForTenant(tenant.id, true);
    const { mail, message } = context.req.valid('json');
    if (mail) await countMail(parts, caller);
    const { contract, token } = await sendContract({
      tenantId: tenant.id,
      contractId: context.req.valid('param').id,
      client,
      service,
    });
    const url = `${baseUrl(context, parts)}/s/${token}`;
    const { signer_email: email, contract_number: contractNumber } = contract;
    const mailed = mail && email !== null && parts.services.mail !== undefined;
    if (mailed) {
      const [{ company }, language] = await Promise.all([
        loadSettings(service, ['company']),
        languageOf(service, contract.account_id),
      ]);
      const words = wordsIn(language);
      const queue = await parts.services.mail?.();
      await queue?.queue(
        tenant.id,
        {
          to: email,
          language,
          subject: words.subject(`${contract.title} ${contractNumber}`, company.name),
          bodyHtml: textToHtml(message?.trim() || words.text),
          action: contractButton(contract.id, url, language),
          about: {
            account_id: contract.account_id,
            contact_id: contract.contact_id,
            opportunity_id: contract.opportunity_id,
            event_id: contract.event_id,
          },
        },
        client,
      );
    }
    return context.json({ contractNumber, url, email, mailed }, 200);
  });

  const signed = createRoute({
    method: 'get',
    path: '/{id}/signed.pdf',
    tags: ['Contracts'],
    summary: 'The PDF of a signed contract, as it was signed.',
    request: { params: ById },
    responses: { 200: file('application/pdf', 'The PDF.') },
  });
  routes.openapi(signed, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    // Read the contract as the user first: its PDF is for those who may read it.
    const { id } = await new GenericRepository(client, 'contracts').get(context.req.valid('param').id);
    const service = await parts.manager.getClientForTenant(tenant.id, true);
    return sendFile(context, await signedPdf(service, parts.services.storage, tenant.id, id));
  });
  return routes;
}

/** The button of a mail that opens a contract to be signed. @param url of its link */
export function contractButton(contractId: string, url: string, language: string): Action {
  return { label: wordsIn(language).action, url, opens: { kind: 'contract', id: contractId } };
}

function wordsIn(language: string): typeof ENGLISH {
  return language.startsWith('de') ? GERMAN : ENGLISH;
}

const ENGLISH = {
  subject: (contract: string, company: string) => `${contract} from ${company}`,
  text: 'Here is our agreement. Please read it and sign it on one page.',
  action: 'Read and sign',
};
const GERMAN: typeof ENGLISH = {
  subject: (contract, company) => `${contract} von ${company}`,
  text: 'Hier ist unsere Vereinbarung. Bitte lesen und unterschreiben Sie sie auf einer Seite.',
  action: 'Lesen und unterschreiben',
};
