// Every described route gets nonsensical requests: each is refused with a message, never an internal error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { makeDeal, startCompany } from './start-company';

const company = await startCompany();
const deal = await makeDeal(company, 'שלום ‮abc‬ 👩‍👩‍👧‍👦 𝔘𝔫𝔦 =1+1');

interface Operation {
  parameters?: { name: string; in: string }[];
}
const document = (await (await company.ask('a:owner', 'GET', '/api/openapi.json')).json()) as {
  paths: Record<string, Record<string, Operation> & { servers?: unknown }>;
};
const SKIPPED = ['/changes', '/metrics', '/session'];
const routes = Object.entries(document.paths)
  .filter(([path]) => !SKIPPED.includes(path))
  .flatMap(([path, { servers, ...item }]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: `${servers ? '' : '/api'}${path}`,
      operation,
    })),
  );

const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
const BODIES: [what: string, body: string, type: string][] = [
  ['nothing', '', 'application/json'],
  ['no JSON', '{"a":', 'application/json'],
  ['a list', '[1,2,3]', 'application/json'],
  ['null', 'null', 'application/json'],
  ['what is nested beyond measure', deep, 'application/json'],
  [
    'wrong types',
    '{"value":{"a":[null]},"id":7,"name":{},"amount":"1e999","email":[],"items":{"a":1}}',
    'application/json',
  ],
  [
    'a null character and half a sign',
    '{"value":"a\\u0000b\\ud800","name":"a\\u0000b\\ud800","reason":"\\u0000"}',
    'application/json',
  ],
  ['another kind of body', 'name=x&value=y', 'application/x-www-form-urlencoded'],
  [
    'a form without an end',
    '--b\r\nContent-Disposition: form-data; name="file"',
    'multipart/form-data; boundary=b',
  ],
  ['bytes that are no text', '\u00ff\u00fe\u0000', 'text/csv'],
];
const PLACES: [what: string, value: string][] = [
  ['an id of nothing', randomUUID()],
  ['a quote’s id', deal.quoteId],
  ['no id', "'; drop table x; --"],
  ['a null character', 'a\u0000b'],
  ['text from right to left', '‮שלום'],
];

for (const { method, path, operation } of routes) {
  test(`${method} ${path} answers nonsense with a reason`, async () => {
    const ask = async (what: string, address: string, init: { body?: string; type?: string } = {}) => {
      const headers: Record<string, string> = init.type ? { 'content-type': init.type } : {};
      const answer = await company.ask('a:owner', method, address, init.body, headers);
      const text = await answer.text();
      assert.ok(answer.status < 500, `${what}: ${answer.status} ${text.slice(0, 300)}`);
      if (answer.status >= 400 && text.startsWith('{')) {
        const { title, message, msg, status } = JSON.parse(text) as Record<string, unknown>;
        assert.ok(title || message || msg, `${what}: ${status} ${text}`);
      }
    };
    const at = (value: string) => path.replace(/\{[^}]+\}/g, encodeURIComponent(value));
    const hasBody = !['GET', 'DELETE'].includes(method);
    for (const [what, value] of path.includes('{') ? PLACES : []) {
      await ask(what, at(value), hasBody ? { body: '{}', type: 'application/json' } : {});
    }
    if (hasBody) for (const [what, body, type] of BODIES) await ask(what, at(deal.quoteId), { body, type });
    const queries = operation.parameters?.filter((parameter) => parameter.in === 'query') ?? [];
    for (const value of ['', '-1', 'a\u0000b', '9'.repeat(400), '{"'])
      if (queries.length > 0)
        await ask(
          `?${value}`,
          `${at(deal.quoteId)}?${queries.map(({ name }) => `${name}=${encodeURIComponent(value)}`).join('&')}`,
        );
  });
}
