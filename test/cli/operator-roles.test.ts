// Which operator may do what: every command and every route of operators and their roles, as one table that is checked whole. A new
// one fails here until operator-roles.txt says so: `UPDATE_ROLES=1 npm test -- test/cli/operator-roles.test.ts`, and read the difference.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { authorize, authorizeIn } from '@/cli/authorize';
import { openInstance } from '@/cli/instance';
import { storeToken } from '@/cli/operator-session';
import { COMMAND_PERMISSIONS, permissionFor, SHOWING } from '@/cli/permissions';
import { OPERATOR_ROLES, type OperatorRole } from '@/lib/application';
import { SignIn } from '@/lib/identity';
import { startServing } from '../server/serving';
import { leafCommands } from './leaf-commands';

const FILE = path.join(import.meta.dirname, 'operator-roles.txt');
const stateDirectory = await mkdtemp(path.join(tmpdir(), 'marquee-operators-'));
after(() => rm(stateDirectory, { recursive: true, force: true }));
const serving = await startServing();
const { application, operations, tokens, url } = serving;
Object.assign(process.env, {
  MARQUEE_STATE_DIRECTORY: stateDirectory,
  APPLICATION_DATABASE_URL: serving.applicationUrl,
  OPERATIONS_DATABASE_URL: serving.operationsUrl,
  ENCRYPTION_KEY: serving.key,
});
const instance = await openInstance();
after(() => instance.close());
const signIn = new SignIn(application, operations, tokens);

async function sessionOf(role: OperatorRole, from: { secondFactor?: boolean } = {}) {
  const { id } = await serving.addOperator(`${role}-${Math.random()}@marquee.example`, role);
  const user = await application.users.find(id);
  assert.ok(user);
  return { id, token: (await signIn.beginBrowserSession(user, { kind: 'client', ...from })).token };
}

const commands = await leafCommands();
const routes = await operatorRoutes();
const sessions = new Map<OperatorRole, { id: string; token: string }>();
for (const role of OPERATOR_ROLES) sessions.set(role, await sessionOf(role));

test('the table of commands has every command, and no other', () => {
  assert.deepEqual([...commands.keys()].sort(), Object.keys(COMMAND_PERMISSIONS).sort());
  assert.ok(commands.size > 60 && routes.length > 2);
});

test('every command and every route is for the roles of the table, and for no others', async () => {
  const allowed = new Map<string, OperatorRole[]>();
  for (const [role, { token }] of sessions) {
    for (const name of commands.keys()) {
      const permission = COMMAND_PERMISSIONS[name];
      if (permission === null) note(`marquee ${name}`, role);
      else if (permission && !(await refusalOf(() => authorizeIn(instance, token, name, permission))))
        note(`marquee ${name}`, role);
    }
    for (const [name, { permission }] of Object.entries(SHOWING)) {
      if (!(await refusalOf(() => authorizeIn(instance, token, name, permission))))
        note(`marquee ${name}, to see only`, role);
    }
    for (const { method, address } of routes) {
      const { status, code } = await ask(token, method, address);
      assert.notEqual(status, 401);
      if (code !== 'operator_role_insufficient') note(`${method} ${address}`, role);
    }
  }
  function note(what: string, role: OperatorRole) {
    allowed.set(what, [...(allowed.get(what) ?? []), role]);
  }
  const rows = [...commands.keys()].map((name) => `marquee ${name}`);
  rows.push(...Object.keys(SHOWING).map((name) => `marquee ${name}, to see only`));
  rows.push(...routes.map(({ method, address }) => `${method} ${address}`));
  const table = rows
    .sort()
    .map((row) => `${row.padEnd(55)} ${(allowed.get(row) ?? ['no one']).join(', ')}\n`);
  if (process.env.UPDATE_ROLES) await writeFile(FILE, table.join(''));
  assert.equal(table.join(''), await readFile(FILE, 'utf8'));
});

test('a command that is called to see something needs less than to change it', () => {
  const needs = (name: string, args: string[] = [], options: Record<string, unknown> = {}) =>
    permissionFor(name, { args, opts: <T>() => options as T });
  assert.equal(needs('alerts rules', ['night']), 'alerts.read');
  assert.equal(needs('alerts rules', ['night', 'enabled=false']), 'alerts.change');
  assert.equal(needs('alerts rules', ['night'], { reset: true }), 'alerts.change');
  assert.equal(needs('alerts rules', ['night'], { file: 'rule.json' }), 'alerts.change');
  assert.equal(needs('health thresholds', ['main'], { json: true }), 'data_sources.read');
  assert.equal(needs('health thresholds', ['main', 'disk_bytes=1']), 'data_sources.change');
  assert.equal(needs('cost weights', [], { from: '2026-01' }), 'usage.read');
  assert.equal(needs('cost weights', ['storage=40']), 'usage.change');
  assert.equal(needs('tenant pool', ['a'], { json: true }), 'tenants.read');
  assert.equal(needs('tenant pool', ['a'], { maxConnections: 3 }), 'tenants.change');
  assert.equal(needs('migrate', [], { dryRun: true }), 'service.read');
  assert.equal(needs('migrate'), 'service.migrate');
  assert.equal(needs('migrate drift', ['main'], { accept: true }), 'service.migrate');
  assert.equal(needs('tenant create', ['a'], { name: 'A' }), 'tenants.change');
  assert.equal(needs('one that the table lacks'), 'operators.change');
});

test('a refusal says which role is needed, and is recorded with the person’s name', async () => {
  const auditor = sessions.get('auditor');
  assert.ok(auditor);
  await storeToken(auditor.token);
  const refused = await refusalOf(() => authorize(commands.get('tenant delete') as Command));
  assert.deepEqual(refused, ['operator_role_insufficient', 'This needs an operator who is owner.']);
  const byHttp = await ask(auditor.token, 'POST', '/api/operator/support-access');
  assert.deepEqual([byHttp.status, byHttp.code], [403, 'operator_role_insufficient']);
  const [http, cli] = await application.audit.list({
    action: 'operators.refused',
    entityId: auditor.id,
    limit: 2,
  });
  assert.deepEqual([http?.actor, cli?.actor], [`user:${auditor.id}`, `user:${auditor.id}`]);
  assert.deepEqual(
    [http?.details?.to, http?.details?.needs],
    ['POST /api/operator/support-access', ['owner', 'support']],
  );
  assert.deepEqual([cli?.details?.to, cli?.details?.role], ['marquee tenant delete', 'auditor']);
  assert.match(cli?.address ?? '', /^cli:.+@/);
});

test('an operator without a second factor does nothing, whatever the role', async () => {
  const { id, token } = await sessionOf('owner', { secondFactor: false });
  await storeToken(token);
  // The account has a factor that the session has not shown; then none.
  assert.deepEqual(
    (await refusalOf(() => authorize(commands.get('tenant list') as Command)))?.[0],
    'operator_sign_in_required',
  );
  const bare = await application.users.setTotpSecret(id, null);
  const { token: later } = await signIn.beginBrowserSession(bare, {});
  await storeToken(later);
  for (const command of ['tenant list', 'operator add']) {
    const refused = await refusalOf(() => authorize(commands.get(command) as Command));
    assert.equal(refused?.[0], 'operator_second_factor_missing');
  }
  for (const { method, address } of routes) {
    const { status, code } = await ask(later, method, address);
    // It says that the second factor is missing, so that the console can ask for it.
    if (address === '/api/operator/me') assert.equal(status, 200);
    else assert.deepEqual([status, code], [403, 'operator_second_factor_missing'], address);
  }
});

test('a role that changes counts at once; users of companies are no operators', async () => {
  const { id, token } = await sessionOf('engineer');
  await storeToken(token);
  await authorize(commands.get('tenant create') as Command);
  await application.users.update(id, { operatorRole: 'auditor' });
  const tenantCreate = () => authorize(commands.get('tenant create') as Command);
  assert.equal((await refusalOf(tenantCreate))?.[0], 'operator_sign_in_required', 'the session has ended');
  const owner = await application.users.findByEmail(serving.tenantIds.a, 'owner@a.example');
  assert.ok(owner);
  await storeToken((await signIn.beginBrowserSession(owner, { secondFactor: true })).token);
  assert.equal((await refusalOf(tenantCreate))?.[0], 'operator_sign_in_required');
});

async function refusalOf(work: () => Promise<unknown>): Promise<[code: string, message: string] | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
}

async function ask(token: string, method: string, address: string) {
  const response = await fetch(`${url}${address.replace('{id}', crypto.randomUUID())}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'GET'
      ? {}
      : { body: JSON.stringify({ tenant: 'a', reason: 'To see which roles may', hours: 1 }) }),
  });
  if (!response.headers.get('content-type')?.includes('json')) {
    await response.body?.cancel();
    return { status: response.status, code: undefined };
  }
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code };
}

async function operatorRoutes(): Promise<{ method: string; address: string }[]> {
  const document = await (await fetch(`${url}/api/openapi.json`)).json();
  const paths = Object.entries((document as { paths: Record<string, object> }).paths);
  return paths
    .filter(([address]) => address.startsWith('/operator'))
    .flatMap(([address, item]) =>
      Object.keys(item)
        .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map((method) => ({ method: method.toUpperCase(), address: `/api${address}` })),
    );
}
