import { z } from '@hono/zod-openapi';
import { type AnswerOf, Money } from '../api/router';

const MinorUnits = z.union([z.number().int(), z.string()]);

const SalesDocument = z.object({
  kind: z.enum(['quote', 'invoice']),
  number: z.string().optional(),
  status: z.string(),
  issueDate: z.string().optional(),
  dueDate: z.string().optional(),
  currency: z.string(),
  billTo: z.object({ name: z.string(), lines: z.array(z.string()) }),
  event: z.object({ title: z.string(), dates: z.array(z.string()), place: z.string().optional() }).optional(),
  lines: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      quantity: z.union([z.number(), z.string()]),
      unit: z.string().optional(),
      unitPrice: MinorUnits,
      lineTotal: MinorUnits,
    }),
  ),
  subtotal: MinorUnits,
  discount: MinorUnits,
  taxes: z.array(z.object({ name: z.string(), amount: MinorUnits })),
  total: MinorUnits,
  terms: z.string().optional(),
});

/** How the company shows itself on its clients' pages. */
export const CompanyLook = z.object({
  companyName: z.string(),
  companyLines: z.array(z.string()),
  primaryColor: z.string(),
  locale: z.string(),
});

/** What a client's page shows. */
export const Offer = z
  .object({
    status: z.string(),
    company: CompanyLook,
    quote: SalesDocument,
    contract: z
      .object({
        number: z.string(),
        title: z.string(),
        bodyHtml: z.string(),
        sha256: z.string(),
        signedAt: z.string().nullable(),
      })
      .nullable(),
    consentText: z.string(),
    contentSha256: z.string(),
    deposit: Money,
    acceptedByName: z.string().nullable(),
    isReserved: z.boolean(),
    invoice: z
      .object({
        number: z.string().nullable(),
        currency: z.string(),
        total: Money,
        paid: Money,
        balance: Money,
        due: z.object({ label: z.string(), amount: Money }).nullable(),
      })
      .nullable(),
  })
  .openapi('Offer');

export type Offer = AnswerOf<typeof Offer>;
