// A login that may add to the audit log and nothing else: its tables belong to another role.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { administer, createTestDatabase, testServerUrl } from '../../support/postgres';
import { restrictedLogin, testSecretBox } from './application-database';
// Everything that the room can do, it can do with this login: these tests run with it from here.
import './restrict-logins';
import './audit.test';
import './audit-chain.test';
import './database.test';
import './listen.test';
import './rotation.test';
import './tenants.test';
import './users.test';

const superUrl = await createTestDatabase('application');
const owner = `owner_${randomBytes(6).toString('hex')}`;
const database = new URL(superUrl).pathname.slice(1);
await administer(
  superUrl,
  `create role ${owner} login password 'owner'; alter database ${database} owner to ${owner}`,
);
after(async () => administer(await testServerUrl(), `drop role ${owner}`));
const ownerUrl = Object.assign(new URL(superUrl), { username: owner, password: 'owner' }).toString();
const url = await restrictedLogin(superUrl, ownerUrl);
const application = openApplicationDatabase({ url, secretBox: testSecretBox() });
after(() => application.close());
await application.tenants.create({ name: 'T', subdomain: 'first' });

const REFUSED = [
  "update audit_log set actor = 'x'",
  'delete from audit_log',
  'truncate audit_log',
  'truncate tenants, users',
  'alter table audit_log disable trigger all',
  'alter table audit_log disable trigger chain',
  'alter table audit_log add column extra text',
  'alter table audit_log disable row level security',
  'alter table audit_log owner to current_user',
  'drop trigger append_only on audit_log',
  'drop trigger chain on audit_log',
  'drop trigger audit on tenants',
  'drop table audit_log',
  'create trigger mine before insert on audit_log for each row execute function marquee.refuse_history_change()',
  'create rule mine as on insert to audit_log do instead nothing',
  'drop index audit_log_pkey',
  'set session_replication_role = replica',
  'alter function marquee.chain_audit_record() owner to current_user',
  'create or replace function marquee.audit_chain(previous bytea, leaf bytea) returns bytea language sql as $$ select leaf $$',
  'create function marquee.mine() returns int language sql as $$ select 1 $$',
  'create table public.mine ()',
  "update marquee.function_files set checksum = 'x'",
  'alter policy nothing on audit_log using (true)',
];

test('the login can neither change the log nor what keeps it', async () => {
  for (const statement of REFUSED)
    await assert.rejects(administer(url, statement), { code: /^42(501|704)$/ }, statement);
  const { problems, records } = await application.audit.verify({ verifiers: [] });
  assert.deepEqual([problems, records], [0, 1]);
});

test('the login is found to have no rights but those it needs, another to have too many', async () => {
  assert.deepEqual(await application.audit.weaknesses(), []);
  await administer(superUrl, `grant update (actor), delete on audit_log to ${new URL(url).username}`);
  assert.deepEqual(await application.audit.weaknesses(), ['it may change or delete records']);
  await migrateApplicationDatabase(url, ownerUrl);
  assert.deepEqual(await application.audit.weaknesses(), []);
  const own = openApplicationDatabase({ url: ownerUrl, secretBox: testSecretBox() });
  after(() => own.close());
  assert.match((await own.audit.weaknesses()).join(), /owns the table audit_log.*owns the functions/);
});

test('a server with this login starts where the tables are current, and says what to do where they are not', async () => {
  assert.deepEqual((await migrateApplicationDatabase(url)).applied, []);
  await administer(
    superUrl,
    "update marquee.function_files set checksum = 'another' where path = 'audit.sql'",
  );
  await assert.rejects(migrateApplicationDatabase(url), { code: 'application_login_lacks_rights' });
});
