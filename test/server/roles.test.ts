// Which role may do what: every operation of /api and its roles, as one table that is checked whole. A new operation, or a changed
// permission, fails here until roles.txt says so: `UPDATE_ROLES=1 npm test -- test/server/roles.test.ts`, and read the difference.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { OPERATOR_ROLES, type OperatorRole } from '@/lib/application';
import { type Asker, startCompany } from './api/start-company';
import { everyOperator, operatorServicesOf } from './operator/operating';
import { addOperator } from './serving';

const FILE = path.join(import.meta.dirname, 'roles.txt');
const company = await startCompany({}, {}, undefined, async (installation) => ({
  operator: await operatorServicesOf(installation),
}));
const operators = await everyOperator({
  url: `http://127.0.0.1:${company.port}`,
  addOperator: (email, role) => addOperator(company, email, role),
});
const ASKERS: Asker[] = ['anonymous', 'a:viewer', 'a:staff', 'a:sales', 'a:manager', 'a:owner'];

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
}

/** A company's people do nothing of this; a company's owner is not the operator's owner. */
const OPERATORS = OPERATOR_ROLES.map((role) => `operator:${role}` as const);

const document = (await (await company.ask('anonymous', 'GET', '/api/openapi.json')).json()) as {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

/** What the document's schemas do not say, by the names of properties and parameters. */
const NAMED: Record<string, unknown> = {
  code: '123456',
  contentSha256: '0'.repeat(64),
  end_time: '22:00',
  file: `${randomUUID()}.pdf`,
  // A setting, and its value.
  key: 'max_discount_percent',
  record: '1',
  secretKey: 'sk_test_1',
  sha256: '0'.repeat(64),
  start_time: '18:00',
  value: 20,
  webhookSecret: 'whsec_1',
};

/** Bodies of which the schemas do not say enough. */
const BODIES: Record<string, unknown> = {
  '/company-data/own-database/script': { url: 'postgresql://crm:sixteen-letters-or-more@db.a.example/crm' },
  // Refused by its address, so that nothing is connected to.
  '/operator/data-sources': { name: 'x', kind: 'byod', url: 'postgresql://crm@127.0.0.1/crm' },
  '/operator/data-sources/script': { url: 'postgresql://crm:sixteen-letters-or-more@db.a.example/crm' },
};

/** The smallest value that a schema admits. */
function sample(schema: Schema = {}, name = ''): unknown {
  if (name in NAMED && !schema.enum) return NAMED[name];
  if (schema.$ref) return sample(document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? '']);
  if (schema.default !== undefined) return schema.default;
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return sample(choice);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => sample(one)));
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([property]) => schema.required?.includes(property) || property in NAMED)
          .map(([property, one]) => [property, sample(one, property)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items));
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return false;
    default:
      return text(schema);
  }
}

function text({ format, minLength = 1 }: Schema): string {
  if (format === 'uuid') return randomUUID();
  if (format === 'email') return `${randomUUID()}@a.example`;
  if (format === 'date') return '2026-05-01';
  if (format === 'date-time') return '2026-05-01T12:00:00Z';
  if (format === 'uri' || format === 'url') return 'https://example.com/';
  return 'x'.repeat(Math.max(minLength, 12));
}

/** Sends as that company's user, or as that operator. */
async function send(
  who: Asker | `operator:${OperatorRole}`,
  ...[method, address, body, headers]: [string, string, unknown, Record<string, string>]
): Promise<{ status: number; code?: string; title?: string }> {
  if (who.startsWith('operator:')) {
    const path = address.slice('/api/operator'.length);
    const answer = await operators[who.slice('operator:'.length) as OperatorRole](
      method,
      path,
      body,
      headers,
    );
    return { ...(answer.body as object | null), status: answer.status };
  }
  const answer = await company.ask(who as Asker, method, address, body, headers);
  const isJson = answer.headers.get('content-type')?.includes('json');
  const problem = isJson ? ((await answer.json()) as { code?: string; title?: string } | null) : null;
  if (!isJson) await answer.body?.cancel();
  return { ...problem, status: answer.status };
}

async function statusFor(
  who: Asker | `operator:${OperatorRole}`,
  method: string,
  address: string,
  operation: Operation,
) {
  const { parameters = [], requestBody } = operation;
  const values = (place: string) =>
    parameters
      .filter((one) => one.in === place && (one.required || place === 'path'))
      .map((one) => [one.name, String(sample(one.schema, one.name))] as const);
  const filled = values('path').reduce(
    (so, [name, value]) => so.replace(`{${name}}`, encodeURIComponent(value)),
    address,
  );
  const query = new URLSearchParams(values('query').map((pair) => [...pair])).toString();
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body = !type
    ? undefined
    : type === 'application/json'
      ? (BODIES[address] ?? sample(content?.schema))
      : bodyOfType(type);
  return send(who, method.toUpperCase(), `/api${filled}${query && `?${query}`}`, body, {
    ...Object.fromEntries(values('header')),
    ...(type && type !== 'multipart/form-data' ? { 'content-type': type } : {}),
  });
}

function bodyOfType(type: string): FormData | string {
  if (type !== 'multipart/form-data') return 'Name\nX\n';
  const form = new FormData();
  form.set('entity_type', 'account');
  form.set('entity_id', randomUUID());
  form.set('file', new File(['x'], 'x.txt', { type: 'text/plain' }));
  return form;
}

/** Those that end the asker's sessions come last. */
function operationsInOrder(): [method: string, address: string, operation: Operation][] {
  const all = Object.entries(document.paths)
    // The interfaces of Supabase and PostgREST have tests of their own.
    .filter(([, operations]) => !('servers' in operations))
    .flatMap(([address, operations]) =>
      Object.entries(operations).map(
        ([method, one]) => [method, address, one] as [string, string, Operation],
      ),
    )
    .sort(([, a], [, b]) => a.localeCompare(b));
  const ends = ([method, address]: [string, string, Operation]) =>
    Number(method === 'delete' && /session/.test(address) && !address.includes('{'));
  return all.sort((a, b) => ends(a) - ends(b));
}

test('each operation is for the roles that the table names', async () => {
  const lines: string[] = [];
  const unclear: string[] = [];
  for (const [method, address, operation] of operationsInOrder()) {
    {
      const may: string[] = [];
      const isOperators = address.startsWith('/operator/');
      for (const who of isOperators ? [...ASKERS, ...OPERATORS] : ASKERS) {
        const { status, code, title } = await statusFor(who, method, address, operation);
        if (status !== 401 && status !== 403)
          may.push(isOperators ? who.replace('operator:', '') : who.replace('a:', ''));
        if (
          (status === 400 && !address.endsWith('/callback')) ||
          status === 415 ||
          code === 'setting_unknown'
        )
          unclear.push(`${method} ${address} ${who}: ${status} ${code} ${title}`);
      }
      const whom =
        isOperators && may.join() === OPERATOR_ROLES.join()
          ? 'every operator'
          : may.length === ASKERS.length
            ? 'anyone'
            : may.length === ASKERS.length - 1 && !may.includes('anonymous')
              ? 'all roles'
              : may.join(' ') || 'no one';
      lines.push(`${method.toUpperCase().padEnd(6)} ${address.padEnd(60)} ${whom}`);
    }
  }
  // A request that is refused before its role is looked at proves nothing.
  assert.deepEqual(unclear, []);
  const table = `${lines.join('\n')}\n`;
  if (process.env.UPDATE_ROLES) await writeFile(FILE, table);
  assert.equal(table, await readFile(FILE, 'utf8'));
});
