// /auth/v1 with the real client: what goes by mail, and what people change about themselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServerClient } from '@supabase/ssr';
import { createClient } from '@supabase/supabase-js';
import { until } from '../../../support/until';
import { bodyOf } from '../../api/start-company';
import { apiKeyOf } from '../../api-key';
import { APPLICATION, PASSWORD, PLAIN, startAuthCompany } from './company';

const company = await startAuthCompany();
const { url, application, operations, tenantIds } = company;
const NEW_PASSWORD = 'a new one for me';

/** Where a mail's link leads. */
async function followed(link: string): Promise<URL> {
  const response = await fetch(link, { redirect: 'manual' });
  assert.equal(response.status, 303, await response.text());
  return new URL(response.headers.get('location') ?? '');
}

test('who is invited gets a new link where the role changes, and none where the invitation is withdrawn', async () => {
  const invite = async (email: string) => {
    const person = { email, displayName: 'Invited', role: 'staff' };
    const answer = await company.ask('a:owner', 'POST', '/api/people', person);
    return (await bodyOf<{ person: { id: string } }>(answer, 201)).person.id;
  };
  const change = async (id: string, changes: object) =>
    assert.equal((await company.ask('a:owner', 'PATCH', `/api/people/${id}`, changes)).status, 200);
  const accept = async (link: string) => {
    const body = { token: link.split('#')[1], password: NEW_PASSWORD };
    const path = '/t/a/api/session/accept-invitation';
    return (await company.ask('anonymous', 'POST', path, body, { origin: url })).status;
  };
  const promoted = await invite('promoted@a.example');
  const first = company.mailTo('promoted@a.example').link;
  await change(promoted, { role: 'manager' });
  const second = company.mailTo('promoted@a.example').link;
  assert.deepEqual([await accept(first), await accept(second)], [410, 200]);
  const mistyped = await invite('mistyped@a.example');
  const mails = company.sent.length;
  await change(mistyped, { displayName: 'Mistyped' });
  await change(mistyped, { status: 'disabled' });
  assert.equal(company.sent.length, mails);
  assert.equal(await accept(company.mailTo('mistyped@a.example').link), 410);
});

test('a mail about an account is in its language, else in the company’s', async () => {
  const mailTo = async (tenant: 'a' | 'b', locale?: string) => {
    const email = `${crypto.randomUUID()}@${tenant}.example`;
    const account = { tenantId: tenantIds[tenant], email, displayName: 'New', role: 'staff' as const };
    const user = await application.users.create({ ...account, status: 'invited', ...(locale && { locale }) });
    await company.mail.deliver({ purpose: 'invitation', userId: user.id, base: url });
    const { subject, language } = company.mailTo(email).message;
    return [subject, language];
  };
  assert.deepEqual(await mailTo('a'), ['You are invited to Company a', 'en']);
  assert.deepEqual(await mailTo('b'), ['Einladung zu Company b', 'de']);
  assert.deepEqual(await mailTo('b', 'en-GB'), ['You are invited to Company b', 'en']);
});

test('one’s own address is changed in the browser once the link that was mailed to the new one is opened', async () => {
  const id = company.userIds['a:viewer'] ?? '';
  const change = (email: string) => company.ask('a:viewer', 'POST', '/api/account/email', { email });
  const taken = await bodyOf<{ code: string }>(await change('sales@a.example'), 409);
  assert.equal(taken.code, 'email_taken');
  assert.equal((await change('Viewer-Two@a.example')).status, 202);
  assert.equal((await application.users.find(id))?.email, 'viewer@a.example');
  const { link } = company.mailTo('viewer-two@a.example');
  assert.equal((await followed(link)).href, `${url}/t/a/`);
  assert.equal((await application.users.find(id))?.email, 'viewer-two@a.example');
  assert.match(company.mailTo('viewer@a.example').message.subject, /was changed$/);
});

test('a forgotten password: the link leads to the application that asked, with a session to choose a new one', async () => {
  await company.addUser('forgot@a.example');
  const client = await company.client('a');
  const redirectTo = `${APPLICATION}/reset?from=mail`;
  assert.equal((await client.auth.resetPasswordForEmail('forgot@a.example', { redirectTo })).error, null);
  const { link } = company.mailTo('forgot@a.example');
  const target = await followed(link);
  assert.equal(target.href.split('#')[0], redirectTo);
  const session = new URLSearchParams(target.hash.slice(1));
  assert.equal(session.get('type'), 'recovery');
  const tokens = {
    access_token: session.get('access_token') ?? '',
    refresh_token: session.get('refresh_token') ?? '',
  };
  assert.equal((await client.auth.setSession(tokens)).error, null);
  assert.equal((await client.auth.updateUser({ password: NEW_PASSWORD })).error, null);
  const again = await followed(link);
  assert.match(again.hash, /error_code=otp_expired/, 'once');
  const other = await company.client('a');
  const credentials = { email: 'forgot@a.example', password: NEW_PASSWORD };
  assert.equal((await other.auth.signInWithPassword(credentials)).error, null);
});

test('a link never carries a session to an address that is not allowed', async () => {
  await company.addUser('lured@a.example');
  const client = await company.client('a');
  for (const redirectTo of [
    'https://evil.example/',
    'https://app.example.evil.example/welcome',
    'https://app.example/welcome-evil',
    'https://app.example@evil.example/welcome',
    'http://app.example/welcome',
    'javascript:alert(1)',
  ]) {
    await operations.pool.query('delete from attempt_limits');
    assert.equal((await client.auth.resetPasswordForEmail('lured@a.example', { redirectTo })).error, null);
    const { link } = company.mailTo('lured@a.example');
    assert.ok(link.startsWith(`${url}/t/a/reset-password#`), `${redirectTo} → our own page, not ${link}`);
  }
  await operations.pool.query('delete from attempt_limits');
  await client.auth.resetPasswordForEmail('lured@a.example', { redirectTo: APPLICATION });
  const tampered = new URL(company.mailTo('lured@a.example').link);
  tampered.searchParams.set('redirect_to', 'https://evil.example/');
  const response = await fetch(tampered, { redirect: 'manual' });
  assert.deepEqual([response.status, (await response.json()).error_code], [400, 'validation_failed']);
  assert.match(
    (await followed(company.mailTo('lured@a.example').link)).hash,
    /access_token=/,
    'and is not used up',
  );
});

test('six digits prove the mail as well; five wrong ones use them up', async () => {
  await company.addUser('digits@a.example');
  const client = await company.client('a');
  const email = 'digits@a.example';
  assert.equal((await client.auth.signInWithOtp({ email })).error, null);
  const { code } = company.mailTo(email);
  const wrong = await client.auth.verifyOtp({
    email,
    token: code === '000000' ? '111111' : '000000',
    type: 'email',
  });
  assert.deepEqual([wrong.error?.status, wrong.error?.code], [403, 'otp_expired']);
  assert.equal(
    (await client.auth.verifyOtp({ email, token: code, type: 'recovery' })).error?.code,
    'otp_expired',
  );
  const right = await client.auth.verifyOtp({ email, token: code, type: 'email' });
  assert.equal(right.data.user?.email, email);
  assert.deepEqual((await client.auth.getClaims()).data?.claims.amr?.[0], {
    ...(right.data.session && { method: 'otp' }),
    timestamp: (await client.auth.getClaims()).data?.claims.iat,
  });
  assert.equal(
    (await client.auth.verifyOtp({ email, token: code, type: 'email' })).error?.code,
    'otp_expired',
    'once',
  );
  await client.auth.signInWithOtp({ email });
  const { code: second } = company.mailTo(email);
  for (let tries = 0; tries < 5; tries += 1)
    await client.auth.verifyOtp({ email, token: second === '000000' ? '111111' : '000000', type: 'email' });
  assert.equal(
    (await client.auth.verifyOtp({ email, token: second, type: 'email' })).error?.code,
    'otp_expired',
  );
});

test('mail tells no stranger who has an account, makes none, and is limited', async () => {
  const client = await company.client('a');
  const before = company.sent.length;
  const ask = () => client.auth.signInWithOtp({ email: 'stranger@a.example' });
  assert.equal((await ask()).error, null);
  await company.addUser('elsewhere@b.example', { tenant: 'b' });
  assert.equal((await client.auth.resetPasswordForEmail('elsewhere@b.example')).error, null);
  assert.equal(company.sent.length, before);
  assert.equal(await application.users.findByEmail(tenantIds.a, 'stranger@a.example'), undefined);
  await ask();
  await ask();
  const { error } = await ask();
  assert.deepEqual([error?.status, error?.code], [429, 'over_email_send_rate_limit']);
});

test('@supabase/ssr: the link leads back with a code that only the client that asked can exchange', async () => {
  await company.addUser('server@a.example');
  const key = await apiKeyOf(operations, tenantIds.a, 'anon');
  const jar = new Map<string, string>();
  const clientWith = (cookies: Map<string, string>) =>
    createServerClient(`${url}/t/a`, key, {
      cookieOptions: { name: 'sb-company-a' },
      cookies: {
        getAll: () => [...cookies].map(([name, value]) => ({ name, value })),
        setAll: (all) => {
          for (const { name, value } of all) value ? cookies.set(name, value) : cookies.delete(name);
        },
      },
    });
  const client = clientWith(jar);
  await client.auth.signInWithOtp({ email: 'server@a.example', options: { emailRedirectTo: APPLICATION } });
  const target = await followed(company.mailTo('server@a.example').link);
  const code = target.searchParams.get('code') ?? '';
  assert.equal(target.hash, '');
  const thief = await fetch(`${url}/t/a/auth/v1/token?grant_type=pkce`, {
    method: 'POST',
    body: JSON.stringify({ auth_code: 'other', code_verifier: 'guess' }),
  });
  assert.equal((await thief.json()).error_code, 'flow_state_not_found');
  assert.equal((await client.auth.exchangeCodeForSession(code)).error, null);
  assert.ok(
    [...jar.keys()].some((name) => name.startsWith('sb-company-a')),
    [...jar.keys()].join(),
  );
  // The next request of the same browser.
  const next = clientWith(jar);
  assert.equal((await next.auth.getUser()).data.user?.email, 'server@a.example');
  assert.equal((await next.auth.getClaims()).data?.claims.tenant_id, tenantIds.a);
  assert.equal((await next.from('accounts').select('id')).error, null);
  assert.ok((await next.auth.exchangeCodeForSession(code)).error, 'once');
});

test('a stolen code is of no use without its verifier', async () => {
  await company.addUser('stolen@a.example');
  const key = await apiKeyOf(operations, tenantIds.a, 'anon');
  const client = createClient(url, key, { auth: { ...PLAIN.auth, flowType: 'pkce' } });
  await client.auth.resetPasswordForEmail('stolen@a.example', { redirectTo: APPLICATION });
  const code = (await followed(company.mailTo('stolen@a.example').link)).searchParams.get('code');
  const response = await fetch(`${url}/t/a/auth/v1/token?grant_type=pkce`, {
    method: 'POST',
    body: JSON.stringify({ auth_code: code, code_verifier: 'guess' }),
  });
  assert.deepEqual([response.status, (await response.json()).error_code], [400, 'bad_code_verifier']);
});

test('one’s own name, language and time zone; other data are refused rather than lost', async () => {
  await company.addUser('self@a.example');
  const client = await company.client('a', 'self@a.example');
  const data = { name: 'Ana Rivera', locale: 'de-DE', time_zone: 'Europe/Berlin' };
  const { data: changed } = await client.auth.updateUser({ data });
  assert.deepEqual(changed.user?.user_metadata, data);
  const { error } = await client.auth.updateUser({ data: { color: 'red' } });
  assert.deepEqual([error?.status, error?.code], [422, 'validation_failed']);
});

test('a password is changed in the session, which goes on; others end', async () => {
  await company.addUser('change@a.example');
  const client = await company.client('a', 'change@a.example');
  const other = await company.client('a', 'change@a.example');
  const weak = await client.auth.updateUser({ password: 'short' });
  assert.deepEqual([weak.error?.status, weak.error?.code], [422, 'weak_password']);
  const same = await client.auth.updateUser({ password: PASSWORD });
  assert.deepEqual([same.error?.status, same.error?.code], [422, 'same_password']);
  assert.equal((await client.auth.updateUser({ password: NEW_PASSWORD })).error, null);
  assert.equal((await client.from('accounts').select('id')).error, null);
  assert.equal((await client.auth.refreshSession()).error, null);
  assert.equal((await other.auth.getUser()).error?.name, 'AuthSessionMissingError');
});

test('a session whose last proof is old shows again who sits there: by the password, or by a mailed code', async () => {
  const id = await company.addUser('old@a.example');
  const client = await company.client('a', 'old@a.example');
  await company.letTimePass(id);
  const late = await client.auth.updateUser({ password: NEW_PASSWORD, nonce: 'x' });
  assert.equal(late.error?.code, 'reauthentication_not_valid');
  for (const change of [{ password: NEW_PASSWORD }, { email: 'mine@a.example' }, { password: PASSWORD }]) {
    const needed = await client.auth.updateUser(change);
    assert.deepEqual(
      [needed.error?.status, needed.error?.code],
      [400, 'reauthentication_needed'],
      'no change, and no word whether this is the password',
    );
  }
  const wrong = await client.auth.updateUser({ password: NEW_PASSWORD, current_password: 'wrong' });
  assert.equal(wrong.error?.code, 'invalid_credentials');
  assert.equal((await client.auth.reauthenticate()).error, null);
  const { code: nonce } = company.mailTo('old@a.example');
  assert.equal((await client.auth.updateUser({ password: NEW_PASSWORD, nonce })).error, null);
  const next = 'and another one';
  assert.equal(
    (await client.auth.updateUser({ password: next, current_password: NEW_PASSWORD })).error,
    null,
  );
});

test('a new address is in force once its mail was read; the old one is told', async () => {
  const id = await company.addUser('before@a.example');
  await company.addUser('taken@a.example');
  const client = await company.client('a', 'before@a.example');
  assert.equal((await client.auth.updateUser({ email: 'taken@a.example' })).error?.code, 'email_exists');
  assert.equal((await client.auth.updateUser({ email: 'no address' })).error?.code, 'email_address_invalid');
  const { data } = await client.auth.updateUser({ email: 'After@a.example' });
  assert.deepEqual([data.user?.email, data.user?.new_email], ['before@a.example', 'after@a.example']);
  const { code } = company.mailTo('after@a.example');
  const verified = await client.auth.verifyOtp({
    email: 'after@a.example',
    token: code,
    type: 'email_change',
  });
  assert.equal(verified.data.user?.email, 'after@a.example');
  assert.match(company.mailTo('before@a.example').message.subject, /was changed/);
  assert.equal((await application.users.find(id))?.email, 'after@a.example');
});

test('a mail goes through the queue, which keeps no token', async () => {
  const id = await company.addUser('queued@a.example');
  await operations.jobs.start();
  await company.mail.start();
  await company.mail.queue('sign-in', { id }, `${url}/t/a`, { client: { redirectTo: APPLICATION } });
  const { rows } = await operations.pool.query(
    "select data::text from pgboss.job where name = 'account-mail'",
  );
  assert.ok(
    rows.length > 0 && rows.every(({ data }) => !/[\w-]{43}/.test(data.replaceAll(/[0-9a-f-]{36}/g, ''))),
  );
  await until(() => company.sent.some(({ to }) => to === 'queued@a.example'), 'the queued mail');
  assert.match((await followed(company.mailTo('queued@a.example').link)).hash, /access_token=/);
  await operations.jobs.stop();
});

test('members that are null count as left out, as clients of other languages send them', async () => {
  await company.addUser('nulls@a.example');
  const client = await company.client('a', 'nulls@a.example');
  const { data } = await client.auth.getSession();
  const ask = async (method: string, path: string, bearer: string, body: object) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/t/a/auth/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const nothing = { email: null, phone: null, password: null, nonce: null, email_change_token: null };
  const token = data.session?.access_token ?? '';
  const changed = await ask('PUT', '/user', token, { ...nothing, data: { name: 'Named' } });
  assert.deepEqual([changed.email, changed.user_metadata.name], ['nulls@a.example', 'Named']);
  const service = await apiKeyOf(operations, tenantIds.a, 'service');
  const attributes = { ...nothing, user_metadata: null, app_metadata: null, ban_duration: null };
  const { id } = await ask('POST', '/admin/users', service, { ...attributes, email: 'null@a.example' });
  assert.equal((await ask('PUT', `/admin/users/${id}`, service, attributes)).email, 'null@a.example');
  // The older name of /otp.
  await operations.pool.query('delete from attempt_limits');
  await ask('POST', '/magiclink', service, { email: 'nulls@a.example', data: null });
  assert.equal(company.mailTo('nulls@a.example').code.length, 6);
});
