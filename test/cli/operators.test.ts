import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { mock, test } from 'node:test';
import { Command } from 'commander';
import { TOTP } from 'otpauth';
import { authorize } from '@/cli/authorize';
import { operatorCommand } from '@/cli/commands/operator';
import { supportCommand } from '@/cli/commands/support';
import { createInstallation } from '../lib/data-sources/installation';
import { startMarquee } from './marquee';

const installation = await createInstallation();
const { application } = installation;
const stateDirectory = path.join(tmpdir(), `marquee-operators-${process.pid}`);
const environment = {
  MARQUEE_STATE_DIRECTORY: stateDirectory,
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
};
Object.assign(process.env, environment);
const ME = `cli:${userInfo().username}@${hostname()}`;
const PASSWORD = 'four words of mine';
const tenant = await application.tenants.create({ name: 'Acme', subdomain: 'acme', status: 'active' });

/** Runs a command in this process. @returns what it printed, read as JSON */
async function run(command: Command, line: string) {
  const printed: string[] = [];
  const log = mock.method(console, 'log', (text: string) => printed.push(text));
  try {
    await command.parseAsync([...line.split(' '), '--json'], { from: 'user' });
  } finally {
    log.mock.restore();
  }
  return JSON.parse(printed.join('\n'));
}
const operator = (line: string) => run(operatorCommand, line);

/** Signs in in a process of its own, answering as a person does: the code once the command has said its secret. */
async function signIn(email: string, password: string) {
  const { child, ended } = startMarquee(['operator', 'sign-in', email, '--json'], environment);
  child.stdin?.write(`${password}\n${PASSWORD}\n`);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    const before = said;
    said += chunk.toString();
    const [, secret] = /secret=([A-Z2-7]+)/.exec(said) ?? [];
    if (secret && !before.includes('secret=')) child.stdin?.write(`${new TOTP({ secret }).generate()}\n`);
  });
  return ended;
}

test('the first operator is made by the system user, signs in with a second factor, and is named from then on', async () => {
  assert.equal((await operator('whoami')).actor, ME);
  const { user, password } = await operator('add olga@marquee.example --role owner');
  assert.deepEqual([user.operatorRole, user.role], ['owner', 'operator']);
  assert.equal((await application.audit.list({ action: 'users.insert' }))[0]?.actor, ME);

  const signedIn = await signIn('olga@marquee.example', password);
  assert.equal(signedIn.code, 0, signedIn.stderr);
  assert.deepEqual(JSON.parse(signedIn.stdout).role, 'owner');
  assert.match(signedIn.stderr, /[a-z2-9]{5}-[a-z2-9]{5}/, 'recovery codes');
  const file = path.join(stateDirectory, `operator-session-${process.getuid?.()}`);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await operator('whoami')).email, 'olga@marquee.example');

  const { child, ended } = startMarquee(['tenant', 'suspend', 'acme'], environment);
  child.stdin?.end();
  assert.equal((await ended).code, 0);
  const [suspended] = await application.audit.list({ action: 'tenants.update', tenantId: tenant.id });
  assert.deepEqual([suspended?.actor, suspended?.address], [`user:${user.id}`, ME]);
});

test('operators keep an owner; roles are given and taken; a person who asks a company is signed in', async () => {
  for (const line of [
    'role olga@marquee.example auditor',
    'disable olga@marquee.example',
    'remove olga@marquee.example --yes',
  ])
    await assert.rejects(operator(line), { code: 'last_owner' }, line);
  await operator('add ed@marquee.example --role auditor');
  assert.equal((await operator('role ed@marquee.example engineer')).operatorRole, 'engineer');
  await assert.rejects(operator('role ed@marquee.example manager'), { code: 'role_unknown' });
  const list = await operator('list');
  assert.deepEqual(
    list.map(({ email, role }: { email: string; role: string }) => [email, role]),
    [
      ['ed@marquee.example', 'engineer'],
      ['olga@marquee.example', 'owner'],
    ],
  );
  await operator('remove ed@marquee.example --yes');
  assert.equal(await application.users.findByEmail(null, 'ed@marquee.example'), undefined);

  const asked = await run(supportCommand, 'ask acme --reason=Invoice-17-is-wrong --hours 3');
  assert.deepEqual([asked.operatorName, asked.hours, asked.allowedUntil], ['olga', 3, null]);
});

test('a sign-in that has ended is refused; without one the system user acts, unless one is required', async () => {
  const tenantList = new Command('marquee').command('tenant').command('list');
  const olga = await application.users.findByEmail(null, 'olga@marquee.example');
  assert.ok(olga);
  await application.users.bumpTokenVersion(olga.id);
  await assert.rejects(authorize(tenantList), { code: 'operator_sign_in_required' });
  assert.equal((await operator('sign-out')).signedOut, true);
  await authorize(tenantList);
  assert.equal((await operator('whoami')).actor, ME);
  await assert.rejects(run(supportCommand, 'ask acme --reason=Invoice-17-is-wrong'), {
    code: 'operator_sign_in_required',
  });
  process.env.OPERATOR_SIGN_IN = 'required';
  await assert.rejects(authorize(tenantList), { code: 'operator_sign_in_required' });
});
