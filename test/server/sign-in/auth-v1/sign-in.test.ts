// /auth/v1 with the real client: passwords, sessions, the second factor, tokens that verify without a call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { decodeProtectedHeader } from 'jose';
import { TOTP } from 'otpauth';
import { SignIn } from '@/lib/identity';
import { until } from '../../../support/until';
import { apiKeyOf } from '../../api-key';
import { PASSWORD, PLAIN, startAuthCompany } from './company';

const company = await startAuthCompany();
const { url, application, operations, tenantIds } = company;

/** A code of the period before, of this one or of the next: each is good once. */
const codeOf = (secret: string, periods = 0) =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + periods * 30_000 });

test('a password signs in; a wrong one, a stranger and another company’s user get one answer', async () => {
  await company.addUser('in@a.example');
  await company.addUser('in@b.example', { tenant: 'b' });
  const client = await company.client('a', 'in@a.example');
  const { data } = await client.auth.getUser();
  assert.equal(data.user?.email, 'in@a.example');
  assert.equal(data.user?.app_metadata.tenant_id, tenantIds.a);
  assert.equal((await client.from('accounts').select('id')).error, null);
  const other = await company.client('a');
  for (const email of ['in@a.example', 'unknown@a.example', 'in@b.example']) {
    const password = email === 'in@b.example' ? PASSWORD : 'wrong';
    const { error } = await other.auth.signInWithPassword({ email, password });
    assert.deepEqual(
      [error?.status, error?.code, error?.message],
      [400, 'invalid_credentials', 'Invalid login credentials'],
    );
  }
});

test('attempts are limited with 429', async () => {
  await company.addUser('guessed@a.example');
  const client = await company.client('a');
  const ask = () => client.auth.signInWithPassword({ email: 'guessed@a.example', password: 'wrong' });
  const answers = await Promise.all(Array.from({ length: 9 }, ask));
  const limited = answers.find(({ error }) => error?.code === 'over_request_rate_limit');
  assert.equal(limited?.error?.status, 429);
});

test('a refresh token is good once; used again it is named, and its session is over', async () => {
  await company.addUser('fresh@a.example');
  const client = await company.client('a', 'fresh@a.example');
  const first = (await client.auth.getSession()).data.session?.refresh_token ?? '';
  assert.equal((await client.auth.refreshSession()).error, null);
  assert.equal((await client.auth.refreshSession()).error, null);
  const thief = await company.client('a');
  const reused = await thief.auth.refreshSession({ refresh_token: first });
  assert.deepEqual([reused.error?.status, reused.error?.code], [400, 'refresh_token_already_used']);
  const over = await client.auth.refreshSession();
  assert.deepEqual([over.error?.status, over.error?.code], [400, 'refresh_token_not_found']);
  const unknown = await thief.auth.refreshSession({ refresh_token: 'unknown' });
  assert.equal(unknown.error?.code, 'refresh_token_not_found');
});

test('signing out ends this session, the others, or all', async () => {
  await company.addUser('out@a.example');
  const clients = await Promise.all([1, 2, 3].map(() => company.client('a', 'out@a.example')));
  const [one, two, three] = clients as [(typeof clients)[0], (typeof clients)[0], (typeof clients)[0]];
  const isIn = async (client: typeof one) => (await client.auth.getUser()).error === null;
  const token = (await one.auth.getSession()).data.session?.access_token ?? '';
  assert.equal((await one.auth.signOut({ scope: 'local' })).error, null);
  assert.equal((await one.auth.getUser(token)).error?.name, 'AuthSessionMissingError');
  assert.deepEqual([await isIn(two), await isIn(three)], [true, true]);
  assert.equal((await two.auth.signOut({ scope: 'others' })).error, null);
  assert.deepEqual([await isIn(two), await isIn(three)], [true, false]);
  const again = await company.client('a', 'out@a.example');
  assert.equal((await two.auth.signOut({ scope: 'global' })).error, null);
  assert.equal(await isIn(again), false);
});

test('access tokens verify without a call, by the published key', async () => {
  await company.addUser('claims@a.example');
  const client = await company.client('a', 'claims@a.example');
  const token = (await client.auth.getSession()).data.session?.access_token ?? '';
  assert.equal(decodeProtectedHeader(token).alg, 'ES256');
  const paths: string[] = [];
  const counting = createClient(url, 'mq_anon_x', {
    ...PLAIN,
    global: {
      fetch: (input, init) => {
        paths.push(new URL(String(input)).pathname);
        return fetch(input, init);
      },
    },
  });
  const { data, error } = await counting.auth.getClaims(token);
  assert.equal(error, null);
  assert.equal(data?.claims.tenant_id, tenantIds.a);
  assert.equal(data?.claims.aal, 'aal1');
  assert.deepEqual(paths, ['/auth/v1/.well-known/jwks.json']);
  const forged = `${token.slice(0, -4)}AAAA`;
  assert.ok((await counting.auth.getClaims(forged)).error);
});

test('with a second factor a password alone opens nothing but what shows the second factor', async () => {
  const id = await company.addUser('factor@a.example');
  const client = await company.client('a', 'factor@a.example');
  const other = await company.client('a', 'factor@a.example');
  const enrolled = await client.auth.mfa.enroll({ factorType: 'totp' });
  assert.equal(enrolled.error, null);
  assert.match(enrolled.data?.totp.qr_code ?? '', /^data:image\/svg\+xml;utf-8,<svg/);
  const { id: factorId, totp } = enrolled.data as { id: string; totp: { secret: string } };
  assert.deepEqual((await client.auth.mfa.listFactors()).data?.totp, [], 'not in force yet');
  const wrong = await client.auth.mfa.challengeAndVerify({ factorId, code: '000000' });
  assert.deepEqual([wrong.error?.status, wrong.error?.code], [422, 'mfa_verification_failed']);
  const verified = await client.auth.mfa.challengeAndVerify({ factorId, code: codeOf(totp.secret, -1) });
  assert.equal(verified.error, null);
  assert.equal((await client.auth.mfa.listFactors()).data?.totp.length, 1);
  const level = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  assert.deepEqual([level.data?.currentLevel, level.data?.nextLevel], ['aal2', 'aal2']);
  assert.equal((await client.from('accounts').select('id')).error, null, 'this session goes on');
  assert.equal((await other.auth.getUser()).error?.name, 'AuthSessionMissingError', 'others end');

  const half = await company.client('a', 'factor@a.example');
  const halfway = await half.auth.mfa.getAuthenticatorAssuranceLevel();
  assert.deepEqual([halfway.data?.currentLevel, halfway.data?.nextLevel], ['aal1', 'aal2']);
  const rows = await half.from('accounts').select('id');
  assert.deepEqual([rows.status, rows.error?.code], [403, 'insufficient_aal']);
  const token = (await half.auth.getSession()).data.session?.access_token ?? '';
  const headers = { authorization: `Bearer ${token}` };
  for (const path of ['/api/people', '/api/account/sessions', '/api/changes']) {
    const response = await fetch(`${url}${path}`, { headers });
    assert.deepEqual([response.status, (await response.json()).code], [403, 'insufficient_aal'], path);
  }
  await assert.rejects(async () => {
    const direct = await company.manager.getClientForTenant(tenantIds.a, false, { accessToken: token });
    await direct.from('accounts').select('id').throwOnError();
  }, 'in this process as well');
  const change = await half.auth.updateUser({ password: 'another password' });
  assert.deepEqual([change.error?.status, change.error?.code], [401, 'insufficient_aal']);
  assert.equal((await half.auth.mfa.unenroll({ factorId })).error?.code, 'insufficient_aal');
  assert.equal((await half.auth.mfa.enroll({ factorType: 'totp' })).error?.code, 'insufficient_aal');
  const foreign = await half.auth.mfa.challenge({ factorId: crypto.randomUUID() });
  assert.deepEqual([foreign.error?.status, foreign.error?.code], [404, 'mfa_factor_not_found']);
  const stale = await half.auth.mfa.verify({ factorId, challengeId: 'none', code: '123456' });
  assert.equal(stale.error?.code, 'mfa_challenge_expired');
  const shown = await half.auth.mfa.challengeAndVerify({ factorId, code: codeOf(totp.secret) });
  assert.equal(shown.error, null);
  assert.equal((await half.from('accounts').select('id')).error, null);
  assert.equal((await half.auth.refreshSession()).data.session?.user.id, id);
  assert.equal((await half.auth.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel, 'aal2');
  assert.equal(
    (await half.auth.mfa.enroll({ factorType: 'totp' })).error?.code,
    'too_many_enrolled_mfa_factors',
  );
  assert.equal(
    (await half.auth.mfa.enroll({ factorType: 'phone', phone: '+15550100' })).error?.code,
    'mfa_phone_enroll_not_enabled',
  );
  assert.equal((await half.auth.mfa.unenroll({ factorId })).error, null);
  assert.equal((await half.auth.getUser()).error, null);
  const without = await company.client('a', 'factor@a.example');
  assert.equal((await without.from('accounts').select('id')).error, null);
});

test('a second factor is set up and put in force only with a recent proof', async () => {
  const id = await company.addUser('stolen@a.example');
  const client = await company.client('a', 'stolen@a.example');
  let secret = '';
  const enrol = async () => {
    const { data, error } = await client.auth.mfa.enroll({ factorType: 'totp' });
    secret = data?.totp.secret ?? secret;
    return error;
  };
  assert.equal(await enrol(), null);
  await company.letTimePass(id);
  // Other processes hear of it within moments.
  const refused = await until(enrol, 'the proof to be old');
  assert.deepEqual([refused.status, refused.code], [400, 'reauthentication_needed']);
  const verify = () => client.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(secret) });
  assert.equal((await verify()).error?.code, 'reauthentication_needed');
  assert.equal((await application.users.find(id))?.totpConfirmedAt, null);

  const credentials = { email: 'stolen@a.example', password: PASSWORD };
  assert.equal((await client.auth.signInWithPassword(credentials)).error, null);
  assert.equal((await verify()).error, null, 'signing in again is a proof');
  await company.letTimePass(id);
  await until(async () => {
    const { error } = await client.auth.mfa.unenroll({ factorId: id });
    return error?.code === 'reauthentication_needed';
  }, 'removing it to be refused');
  const again = await client.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(secret, 1) });
  assert.equal(again.error, null, 'a code is a proof');
  assert.equal(await client.auth.mfa.unenroll({ factorId: id }).then(({ error }) => error), null);
});

test('codes of a second factor are limited, and each is good once', async () => {
  await company.addUser('limited@a.example');
  const client = await company.client('a', 'limited@a.example');
  const { data } = await client.auth.mfa.enroll({ factorType: 'totp' });
  const { id: factorId, totp } = data as { id: string; totp: { secret: string } };
  const code = codeOf(totp.secret);
  assert.equal((await client.auth.mfa.challengeAndVerify({ factorId, code })).error, null);
  const half = await company.client('a', 'limited@a.example');
  assert.equal(
    (await half.auth.mfa.challengeAndVerify({ factorId, code })).error?.code,
    'mfa_verification_failed',
  );
  for (let tries = 0; tries < 7; tries += 1)
    await half.auth.mfa.challengeAndVerify({ factorId, code: '000000' });
  const late = await half.auth.mfa.challengeAndVerify({ factorId, code: codeOf(totp.secret, 1) });
  assert.deepEqual([late.error?.status, late.error?.code], [429, 'over_request_rate_limit']);
});

test('a password that was given out must be changed before anything else', async () => {
  const id = await company.addUser('given@a.example');
  const { passwordHash } = (await application.users.findByEmail(tenantIds.a, 'given@a.example')) ?? {};
  await application.users.setPassword(id, passwordHash ?? '', undefined, true);
  const client = await company.client('a', 'given@a.example');
  assert.equal((await client.auth.getUser()).data.user?.app_metadata.must_change_password, true);
  const rows = await client.from('accounts').select('id');
  assert.deepEqual([rows.status, rows.error?.code], [403, 'password_change_required']);
  const name = await client.auth.updateUser({ data: { name: 'New' } });
  assert.deepEqual([name.error?.status, name.error?.code], [403, 'password_change_required']);
  assert.equal(
    (await client.auth.mfa.enroll({ factorType: 'totp' })).error?.code,
    'password_change_required',
  );
  assert.equal((await client.auth.updateUser({ password: PASSWORD })).error?.code, 'same_password');
  assert.equal((await client.auth.updateUser({ password: 'one of my own' })).error, null);
  assert.equal((await client.from('accounts').select('id')).error, null, 'the session goes on');
});

test('what is not offered is refused in Supabase Auth’s own form', async () => {
  const client = await company.client('a');
  const codes = async () => [
    (await client.auth.signUp({ email: 'new@a.example', password: PASSWORD })).error?.code,
    (await client.auth.signUp({ phone: '+15550100', password: PASSWORD })).error?.code,
    (await client.auth.signInAnonymously()).error?.code,
    (await client.auth.signInWithPassword({ phone: '+15550100', password: PASSWORD })).error?.code,
    (await client.auth.signInWithOtp({ phone: '+15550100' })).error?.code,
    (await client.auth.signInWithSSO({ domain: 'a.example' })).error?.code,
    (await client.auth.signInWithIdToken({ provider: 'google', token: 'x' })).error?.code,
  ];
  assert.deepEqual(await codes(), [
    ...[
      'signup_disabled',
      'phone_provider_disabled',
      'anonymous_provider_disabled',
      'phone_provider_disabled',
    ],
    ...['phone_provider_disabled', 'saml_provider_disabled', 'provider_disabled'],
  ]);
  for (const [method, path, status, code] of [
    ['GET', '/authorize?provider=google', 400, 'validation_failed'],
    ['GET', '/nothing', 404, 'not_found'],
    ['GET', '/user', 401, 'no_authorization'],
    ['POST', '/token?grant_type=password', 400, 'bad_json'],
    ['POST', '/token', 400, 'validation_failed'],
  ] as const) {
    const body = method === 'POST' ? { body: '{' } : {};
    const response = await fetch(`${url}/t/a/auth/v1${path}`, { method, ...body });
    const answer = await response.json();
    assert.deepEqual([response.status, answer.code, answer.error_code], [status, status, code], path);
    assert.equal(typeof answer.msg, 'string');
  }
  const settings = await (await fetch(`${url}/auth/v1/settings`)).json();
  assert.deepEqual([settings.disable_signup, settings.external.email], [true, true]);
  assert.equal((await (await fetch(`${url}/auth/v1/health`)).json()).name, 'Marquee');
});

test('an operator, and a user of another company, are unknown to a company’s key', async () => {
  const operator = await application.users.create({
    tenantId: null,
    email: 'operator@service.example',
    displayName: 'Operator',
    role: 'operator',
  });
  const signIn = new SignIn(application, operations, company.tokens);
  const { accessToken } = await signIn.beginClientSession(operator, {});
  const client = await company.client('a');
  const asOperator = await client.auth.getUser(accessToken);
  assert.deepEqual([asOperator.error?.status, asOperator.error?.code], [403, 'bad_jwt']);
  await company.addUser('there@b.example', { tenant: 'b' });
  const there = await company.client('b', 'there@b.example');
  const token = (await there.auth.getSession()).data.session?.access_token ?? '';
  assert.equal((await client.auth.getUser(token)).error?.code, 'bad_jwt');
  assert.equal((await there.auth.getUser(token)).error, null);
});

test('the address names the company where it is in it; a key of another company is refused', async () => {
  await company.addUser('path@a.example');
  const a = await apiKeyOf(operations, tenantIds.a, 'anon');
  const b = await apiKeyOf(operations, tenantIds.b, 'anon');
  const client = createClient(`${url}/t/a`, a, PLAIN);
  const credentials = { email: 'path@a.example', password: PASSWORD };
  assert.equal((await client.auth.signInWithPassword(credentials)).error, null);
  assert.equal((await client.from('accounts').select('id')).error, null);
  const confused = await createClient(`${url}/t/a`, b, PLAIN).auth.signInWithPassword(credentials);
  assert.deepEqual([confused.error?.status, confused.error?.code], [401, 'api_key_invalid']);
});
