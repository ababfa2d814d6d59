import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type DocumentModel,
  loadBranding,
  loadContract,
  loadCrewBrief,
  loadInvoice,
  loadLabels,
  loadPackingList,
  loadQuote,
  loadReceipt,
  receiptTitle,
  renderDocument,
  wordsOf,
} from '@/lib/crm/documents';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import { sendFile } from '../files';
import { ById, createRouter, file } from '../router';
import { pageUrl } from '../services';

/** `<id>.pdf` in a path. */
const PdfName = z.object({
  file: z
    .string()
    .regex(/^[0-9a-f-]{36}\.pdf$/i, 'must be <id>.pdf')
    .openapi({ example: '6f1c0f6e-3b5e-4a53-9f0e-2f1d4ac1b1b0.pdf' }),
});

type Name = 'quote' | 'invoice' | 'contract' | 'receipt' | 'packingList' | 'crewBrief';
type Load = (caller: TenantContext, id: string) => Promise<DocumentModel>;

/** `/api/documents`: PDFs of what the signed-in user may read. */
export function documentRoutes(parts: ServerDependencies) {
  const routes = createRouter();

  const answer = async (context: Context<Environment>, id: string, name: Name, load: Load) => {
    const caller = await requireTenantContext(context, parts);
    const [model, branding] = await Promise.all([load(caller, id), loadBranding(caller.client)]);
    const locale = ('locale' in model && model.locale) || branding.locale;
    const words = wordsOf(locale);
    const content = await renderDocument(model, branding, renderingFor(context, caller));
    return sendFile(context, {
      name: `${model.kind === 'receipt' ? receiptTitle(locale, model.payment.kind, model.number) : `${words[name]} ${numberOf(model) ?? words.draft}`}.pdf`,
      mimeType: 'application/pdf',
      content,
    });
  };

  const documents: [folder: string, name: Name, load: Load][] = [
    ['quotes', 'quote', ({ client }, id) => loadQuote(client, id)],
    ['invoices', 'invoice', ({ client }, id) => loadInvoice(client, id)],
    ['contracts', 'contract', ({ client }, id) => loadContract(client, id)],
    ['payments', 'receipt', ({ client }, id) => loadReceipt(client, id)],
  ];
  for (const [folder, name, load] of documents) {
    const summary = `The PDF of one of the ${folder}.`;
    const route = createRoute({
      method: 'get',
      path: `/${folder}/{file}`,
      tags: ['Documents'],
      summary,
      request: { params: PdfName },
      responses: { 200: file('application/pdf', summary) },
    });
    routes.openapi(route, (context) => {
      const id = context.req.valid('param').file.slice(0, 36);
      return answer(context, id, name, load);
    });
  }

  const ofEvents: [path: string, name: Name, load: Load][] = [
    ['packing-list.pdf', 'packingList', ({ client }, id) => loadPackingList(client, id)],
    [
      'crew-brief.pdf',
      'crewBrief',
      async ({ client, tenant }, id) => {
        const people = await parts.application.users.list(tenant.id);
        const names = new Map(people.map((person) => [person.id, person.displayName]));
        return loadCrewBrief(client, id, (userId) => names.get(userId));
      },
    ],
  ];
  for (const [path, name, load] of ofEvents) {
    const summary = `The ${wordsOf('en')[name].toLowerCase()} of an event.`;
    const route = createRoute({
      method: 'get',
      path: `/events/{id}/${path}`,
      tags: ['Documents'],
      summary,
      request: { params: ById },
      responses: { 200: file('application/pdf', summary) },
    });
    routes.openapi(route, (context) => answer(context, context.req.valid('param').id, name, load));
  }

  const labels = createRoute({
    method: 'get',
    path: '/labels/{of}/labels.pdf',
    tags: ['Documents'],
    summary: 'A sheet of labels with codes to scan, for booths or pieces of equipment.',
    request: {
      params: z.object({ of: z.enum(['booths', 'equipment']) }),
      query: z.object({
        sheet: z.enum(['a4-24', 'letter-30']).default('a4-24'),
        ids: z
          .string()
          .max(40_000)
          .regex(/^[0-9a-f-]{36}(,[0-9a-f-]{36})*$/i)
          .optional()
          .openapi({ description: 'Of these only: ids with commas between.' }),
        part: z.coerce.number().int().min(1).max(1000).optional().openapi({
          description: 'Of more than 3,000 labels: which 3,000, from 1.',
        }),
        base: z
          .url({ protocol: /^https?$/ })
          .max(120)
          .optional()
          .openapi({
            description:
              'The base address in the codes, before `/inventory`; the address of this request by default.',
          }),
      }),
    },
    responses: { 200: file('application/pdf', 'The labels.') },
  });
  routes.openapi(labels, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { of } = context.req.valid('param');
    const { sheet, ids, part, base } = context.req.valid('query');
    const [model, branding] = await Promise.all([
      loadLabels(caller.client, {
        of,
        sheet,
        base: base ?? pageUrl(context),
        ...(ids ? { ids: ids.split(',') } : {}),
        ...(part ? { part } : {}),
      }),
      loadBranding(caller.client),
    ]);
    if (model.labels.length === 0) {
      throw new RequestError('nothing_to_print', 'There is nothing to print labels for.', {
        hint: 'Add booths or equipment first.',
      });
    }
    const content = await renderDocument(model, branding, renderingFor(context, caller));
    return sendFile(context, { name: `Labels ${of}.pdf`, mimeType: 'application/pdf', content });
  });
  return routes;
}

function renderingFor(context: Context<Environment>, { tenant }: TenantContext) {
  return { tenantId: tenant.id, signal: context.req.raw.signal };
}

function numberOf(model: DocumentModel): string | undefined {
  if (model.kind === 'labels') return undefined;
  return model.kind === 'packing-list' || model.kind === 'crew-brief' ? model.event.number : model.number;
}
