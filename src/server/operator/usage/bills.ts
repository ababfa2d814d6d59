// `/api/operator/cost/bills`: as `marquee cost bill`.

import { createRoute, z } from '@hono/zod-openapi';
import type { Author } from '@/lib/application';
import { decimalAmount } from '@/lib/money';
import {
  addBill,
  type Bill,
  correctBill,
  listBills,
  readAmount,
  readCurrency,
  readMonth,
  targetOf,
} from '@/lib/usage';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../../api/router';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireSession } from '../../session';
import { forOperators } from '..';
import { Amount, Month, monthGiven } from './cost';

const Entry = z
  .object({
    id: Id,
    source: z.string().openapi({ description: 'A data source, or a service.' }),
    month: z.string(),
    amount: Amount,
    currency: z.string(),
    corrects: Id.nullable().openapi({ description: 'The bill that it is a correction of.' }),
    note: z.string(),
    enteredByName: z.string(),
    enteredAt: z.date(),
  })
  .openapi('CostBill');
const Given = z.string().max(20).openapi({ example: '123.45' });
const Note = z.string().trim().max(500).optional();
const NewBill = z.object({
  source: z.string().max(63).openapi({ description: 'Name of a data source, or a service.' }),
  month: z.string().max(7).openapi({ example: '2026-11' }),
  amount: Given,
  currency: z.string().length(3).openapi({ example: 'USD' }),
  note: Note,
});
const Correction = z.object({
  amount: Given.openapi({ description: 'What the bill should have been.' }),
  note: Note,
});
export type CostBill = AnswerOf<typeof Entry>;
export type NewCostBill = BodyOf<typeof NewBill>;
export type CorrectBill = BodyOf<typeof Correction>;

export function costBillRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'Bills of a month, and their corrections.',
    request: { query: z.object({ month: Month }) },
    responses: { 200: json(z.object({ bills: z.array(Entry) }), 'As they were entered, the oldest first.') },
  });
  routes.openapi(list, async (context) => {
    const [bills, names] = await Promise.all([
      listBills(pool, monthGiven(context.req.valid('query').month)),
      parts.operations.dataSources.names(),
    ]);
    const nameOf = await parts.actorNames.of(bills.map(({ enteredBy }) => enteredBy));
    const shown = bills.map(({ target, amount, enteredBy, ...bill }) => ({
      ...{ ...bill, source: names.get(target) ?? target, amount: decimalAmount(amount, bill.currency) },
      enteredByName: nameOf(enteredBy),
    }));
    return context.json({ bills: shown }, 200);
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'usage.change'),
    tags: ['Operator'],
    summary: 'Enters a provider’s bill; a negative one is a credit.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewBill) },
    responses: { 201: json(z.object({ id: Id }), 'It is allocated from now on.') },
  });
  routes.openapi(add, async (context) => {
    const { user } = await requireSession(context, parts);
    const given = context.req.valid('json');
    const author = authorOf(context, `user:${user.id}`);
    const currency = readCurrency(given.currency);
    const [amount, month] = [readAmount(given.amount, currency), readMonth(given.month)];
    const target = await targetOf(parts, given.source);
    const bill = await addBill(pool, {
      ...{ target, month, amount, currency, note: given.note, by: author.actor },
    });
    await record(parts, bill, author);
    return context.json({ id: bill.id }, 201);
  });

  const correct = createRoute({
    method: 'post',
    path: '/{id}/correction',
    middleware: forOperators(parts, 'usage.change'),
    tags: ['Operator'],
    summary: 'Brings a bill to another amount, by an entry of the difference. The bill itself stays.',
    request: { headers: IdempotencyHeader, params: ById, body: jsonBody(Correction) },
    responses: { 201: json(z.object({ id: Id }), 'The month is allocated anew from now on.') },
  });
  routes.openapi(correct, async (context) => {
    const { user } = await requireSession(context, parts);
    const { amount, note } = context.req.valid('json');
    const author = authorOf(context, `user:${user.id}`);
    const correction = await correctBill(pool, context.req.valid('param').id, {
      ...{ note, by: author.actor },
      amount: ({ currency }) => readAmount(amount, currency),
    });
    await record(parts, correction, author);
    return context.json({ id: correction.id }, 201);
  });

  return routes;
}

async function record({ application }: ServerDependencies, bill: Bill, author: Author): Promise<void> {
  const { id, target, month, amount, currency, corrects } = bill;
  await application.audit.append(
    {
      ...({ action: corrects ? 'usage.bill_corrected' : 'usage.bill_added' } as const),
      ...{ entity: 'usage_bills', entityId: id },
      details: { target, month, amount: decimalAmount(amount, currency), currency, corrects },
    },
    author,
  );
}
