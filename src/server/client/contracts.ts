import { createRoute, z } from '@hono/zod-openapi';
import { findLinkedContract, readLinkedContract, signedPdf, signLinkedContract } from '@/lib/crm/closing';
import { sendFile } from '../api/files';
import { type AnswerOf, type BodyOf, createRouter, file, json, jsonBody, PUBLIC } from '../api/router';
import { keepSignedPdf } from '../api/sales/keep-signed-pdf';
import type { ApiDependencies } from '../api/services';
import { refuseLinks } from '../typed-names';
import { ByToken, guardLinks, openLink, Sha256, Signing } from './link';
import { CompanyLook } from './offer-schema';
import { mailSignedCopy } from './signed-copy';

const ContractPage = z
  .object({
    status: z.string(),
    company: CompanyLook,
    number: z.string(),
    title: z.string(),
    bodyHtml: z.string(),
    sha256: z.string(),
    consentText: z.string(),
    signerName: z.string().nullable(),
  })
  .openapi('ContractPage');
const SignatureGiven = Signing.extend({ sha256: Sha256 }).openapi('ContractSignature');

export type ContractPage = AnswerOf<typeof ContractPage>;
export type SignatureGiven = BodyOf<typeof SignatureGiven>;

/** `/api/client/contracts/<token>`: a contract that its client reads and signs. The link is the permission. */
export function clientContractRoutes(parts: ApiDependencies) {
  const routes = createRouter();
  routes.use(guardLinks());

  const read = createRoute({
    method: 'get',
    path: '/{token}',
    tags: ['Client’s page'],
    summary: 'The contract.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: json(ContractPage, 'What the client is shown.') },
  });
  routes.openapi(read, async (context) => {
    const { client, hash } = await openLink(context, parts, context.req.valid('param').token);
    return context.json(await readLinkedContract(client, hash), 200);
  });

  const sign = createRoute({
    method: 'post',
    path: '/{token}/sign',
    tags: ['Client’s page'],
    summary: 'Signs the contract. Repeating a signature repeats its answer.',
    ...PUBLIC,
    request: { params: ByToken, body: jsonBody(SignatureGiven) },
    responses: { 200: json(z.object({ status: z.literal('signed') }), 'Signed.') },
  });
  routes.openapi(sign, async (context) => {
    const { tenantId, client, hash } = await openLink(context, parts, context.req.valid('param').token);
    const { name, email, sha256, signature } = context.req.valid('json');
    refuseLinks(name, signature.kind === 'typed' ? signature.text : '');
    const { id } = await signLinkedContract(client, hash, {
      name,
      ...(email ? { email } : {}),
      sha256,
      drawn: signature.kind === 'typed' ? signature.text : signature.png,
      address: context.env.address,
      userAgent: context.req.header('user-agent') ?? '',
    });
    keepSignedPdf(parts, client, tenantId, id);
    await mailSignedCopy(parts, client, tenantId, id);
    return context.json({ status: 'signed' as const }, 200);
  });

  const pdf = createRoute({
    method: 'get',
    path: '/{token}/contract.pdf',
    tags: ['Client’s page'],
    summary: 'The signed contract as PDF.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: file('application/pdf', 'The signed contract.') },
  });
  routes.openapi(pdf, async (context) => {
    const { tenantId, client, hash } = await openLink(context, parts, context.req.valid('param').token);
    const { id } = await findLinkedContract(client, hash);
    return sendFile(context, await signedPdf(client, parts.services.storage, tenantId, id));
  });
  return routes;
}
