import { z } from '@hono/zod-openapi';
import { type AnswerOf, Money } from '../api/router';

const MinorUnits = z.union([z.number().int(), z.string()]);

/** A quote or an invoice as the client reads it. */
export const SalesDocument = z.object({
  kind: z.enum(['quote', 'invoice']),
  number: z.string().optional(),
  status: z.string(),
  issueDate: z.string().optional(),
  dueDate: z.string().optional(),
  currency: z.string(),
  billTo: z.object({ name: z.string(), lines: z.array(z.string()) }),
  event: z
    .object({
      title: z.string(),
      dates: z.array(
        z.object({
          date: z.string(),
          start: z.string(),
          end: z.string(),
          timezone: z.string(),
          place: z.object({ name: z.string(), lines: z.array(z.string()) }).optional(),
        }),
      ),
    })
    .optional(),
  lines: z.array(
    z.object({
      id: z.string().optional(),
      name: z.string(),
      description: z.string().optional(),
      includes: z.array(z.string()).optional(),
      quantity: z.union([z.number(), z.string()]),
      unit: z.string().optional(),
      unitPrice: MinorUnits,
      grossTotal: MinorUnits.optional(),
      discountPercent: z.number().optional(),
      lineTotal: MinorUnits,
      extra: z
        .object({ chosen: z.boolean() })
        .optional()
        .openapi({ description: 'An extra: it counts once it is chosen.' }),
      packageId: z.string().optional(),
    }),
  ),
  subtotal: MinorUnits,
  discount: MinorUnits,
  discountPercent: z.number().optional(),
  taxes: z.array(
    z.object({
      name: z.string(),
      amount: MinorUnits,
      net: MinorUnits.optional().openapi({
        description: 'Where the prices include the tax: `amount` is then part of the total.',
      }),
    }),
  ),
  total: MinorUnits,
  schedule: z
    .array(
      z.object({
        label: z.string(),
        dueDate: z.string().optional(),
        daysBefore: z.number().optional(),
        amount: Money,
        paid: Money,
        paidOn: z.string().optional(),
      }),
    )
    .optional(),
  terms: z.string().optional(),
});

const PageFile = z.object({ id: z.string(), name: z.string(), isPicture: z.boolean() });

export const PageDesign = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().nullable(),
  approvedAt: z.string().nullable(),
  approvedBy: z.string().nullable(),
  notes: z.string().nullable(),
  proofs: z.array(PageFile),
});

/** How the company shows itself on its clients' pages. */
export const CompanyLook = z.object({
  companyName: z.string(),
  companyLines: z.array(z.string()),
  primaryColor: z.string(),
  logo: z.string().optional().openapi({ description: 'A PNG as data URL.' }),
  onPrimary: z.string().openapi({ description: 'For text on `primaryColor`.' }),
  ink: z.string().openapi({ description: 'For colored text on white.' }),
  locale: z.string(),
});

/** What is due next. */
export const DuePayment = z.object({
  label: z.string(),
  amount: Money,
  date: z.string().nullable().openapi({ description: 'ISO date. Null: it has none.' }),
});

export const HowToPay = z.object({
  instructions: z.string().openapi({ description: 'In the company’s words; empty: it gave none.' }),
  online: z.boolean().openapi({ description: 'Whether it can be paid on the page.' }),
});
export type HowToPay = z.infer<typeof HowToPay>;

/** A payment, refund or credit with a receipt. */
export const PagePayment = z.object({
  id: z.string(),
  kind: z.enum(['payment', 'refund', 'credit']),
  date: z.string(),
  method: z.string(),
  reference: z.string().optional(),
  amount: MinorUnits,
  taxes: z
    .array(z.object({ name: z.string(), net: MinorUnits, tax: MinorUnits, gross: MinorUnits }))
    .optional()
    .openapi({ description: 'Of a credit of taxed sales: its share of each rate.' }),
});
export type PagePayment = z.infer<typeof PagePayment>;

/** What a client's page shows. */
export const Offer = z
  .object({
    status: z.string(),
    company: CompanyLook,
    quote: SalesDocument,
    photos: z
      .record(z.string(), z.array(PageFile))
      .openapi({ description: 'Of the packages, by their ids.' }),
    designs: z.array(PageDesign),
    payments: z.array(PagePayment),
    when: z.array(z.array(z.string())).openapi({
      description:
        'For each date of the event: the day, its hours with the time zone, the place and its address.',
    }),
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
    isCancelled: z.boolean().openapi({ description: 'The event was cancelled: nothing is due any more.' }),
    howToPay: HowToPay,
    invoice: z
      .object({
        number: z.string().nullable(),
        currency: z.string(),
        total: Money,
        paid: Money,
        balance: Money,
        due: DuePayment.nullable(),
      })
      .nullable(),
  })
  .openapi('Offer');

export type Offer = AnswerOf<typeof Offer>;
