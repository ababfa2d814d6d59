import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOTP } from 'otpauth';
import { Authenticator } from '../../support/authenticator';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing();
const { application, operations, tenantIds } = serving;
// A passkey belongs to a name: WebAuthn knows no IP addresses.
const url = serving.url.replace('127.0.0.1', 'localhost');

type Tenant = 'a' | 'b';

/** A browser at one company's pages: keeps its cookie. */
class Browser {
  cookie = '';
  constructor(readonly tenant: Tenant) {}

  async ask(path: string, body?: unknown, method = 'POST') {
    const response = await fetch(`${url}/t/${this.tenant}/api${path}`, {
      method,
      headers: { origin: url, cookie: this.cookie, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [session] = response.headers
      .getSetCookie()
      .filter((cookie) => cookie.startsWith('marquee_session='));
    if (session) this.cookie = session.split(';')[0] ?? '';
    return { status: response.status, body: await response.json().catch(() => null) };
  }

  signIn(email: string, code?: string) {
    return this.ask('/session', { email, password: PASSWORD, code });
  }

  async addPasskey(authenticator = new Authenticator(url)) {
    const { body } = await this.ask('/account/passkeys/options', {});
    const response = authenticator.create(body.options);
    const added = await this.ask('/account/passkeys', { token: body.token, response, name: 'Laptop' });
    return { authenticator, status: added.status };
  }

  async byPasskey(
    authenticator: Authenticator,
    change: (answer: { token: string }) => unknown = (one) => one,
  ) {
    const { body } = await this.ask('/session/passkey-options', {});
    const answer = { token: body.token, response: authenticator.get(body.options) };
    return this.ask('/session/passkey', change(answer));
  }
}

async function newUser(tenant: Tenant, name: string): Promise<{ id: string; browser: Browser }> {
  const email = `${name}@${tenant}.example`;
  const id = await serving.addUser(tenantIds[tenant], email, 'sales');
  const browser = new Browser(tenant);
  assert.equal((await browser.signIn(email)).status, 200);
  return { id, browser };
}

/** As if the user had proved who they are an hour ago. */
async function letTimePass(userId: string): Promise<void> {
  await operations.pool.query(
    "update sessions set proved_at = now() - interval '1 hour' where user_id = $1",
    [userId],
  );
  await application.announceUser(userId);
}

test('a passkey signs in without password, as two factors, and is listed with its use', async () => {
  const { id, browser } = await newUser('a', 'keyed');
  const { authenticator, status } = await browser.addPasskey();
  assert.equal(status, 204);
  const other = new Browser('a');
  const signedIn = await other.byPasskey(authenticator);
  assert.deepEqual([signedIn.status, signedIn.body.user?.id], [200, id]);
  const { passkeys } = (await other.ask('/account/passkeys', undefined, 'GET')).body;
  assert.deepEqual([passkeys.length, passkeys[0].name], [1, 'Laptop']);
  assert.notEqual(passkeys[0].lastUsedAt, null);
  const { rows } = await operations.pool.query(
    'select method, second_factor from sessions where user_id = $1 order by created_at desc limit 1',
    [id],
  );
  assert.deepEqual(rows[0], { method: 'passkey', second_factor: true });
  const records = await application.audit.list({ entityId: id });
  assert.ok(
    records.some(({ action, details }) => action === 'session.sign_in' && details?.method === 'passkey'),
  );
  assert.ok(
    records.some(({ after }) => (after?.passkeys as unknown[])?.length === 1),
    'the new passkey is recorded',
  );
});

test('an answer is good once, for its own challenge, page, company and user', async () => {
  const { browser, id } = await newUser('a', 'attacked');
  const { authenticator } = await browser.addPasskey();
  const { browser: stranger } = await newUser('b', 'stranger');
  const { authenticator: foreign } = await stranger.addPasskey();

  // Replayed: the very same answer, with the same token and with a fresh one.
  let heard: { token: string } | undefined;
  const first = new Browser('a');
  const listening = await first.byPasskey(authenticator, (answer) => {
    heard = answer;
    return answer;
  });
  assert.equal(listening.status, 200);
  const thief = new Browser('a');
  assert.equal((await thief.ask('/session/passkey', heard)).status, 401, 'replayed');
  const fresh = (await thief.ask('/session/passkey-options', {})).body;
  assert.equal(
    (await thief.ask('/session/passkey', { ...heard, token: fresh.token })).status,
    401,
    'for another challenge',
  );

  // A passkey of B's user at A, also where it names A's user.
  assert.equal((await thief.byPasskey(foreign)).status, 401, 'of another company');
  foreign.userHandle = Buffer.from(id).toString('base64url');
  assert.equal((await thief.byPasskey(foreign)).status, 401, 'made for another user');
  // A passkey of A's user at B.
  assert.equal((await new Browser('b').byPasskey(authenticator)).status, 401, 'at another company');

  // A look-alike page, a device that does not check its user, a copied device.
  const phished = new Authenticator('https://evil.example');
  assert.equal((await browser.addPasskey(phished)).status, 422, 'made on another page');
  authenticator.verifies = false;
  assert.equal((await thief.byPasskey(authenticator)).status, 401, 'its user was not checked');
  authenticator.verifies = true;
  authenticator.counter = 0;
  assert.equal((await thief.byPasskey(authenticator)).status, 401, 'a copy counts from the start');
  const refused = await application.audit.list({ action: 'session.sign_in_refused', tenantId: tenantIds.a });
  assert.ok(refused.filter(({ details }) => details?.reason === 'passkey_refused').length >= 5);
});

test('a token for one purpose begins no other: enrolment, proof and sign-in are apart', async () => {
  const { browser } = await newUser('a', 'purposes');
  const { authenticator } = await browser.addPasskey();
  const proof = (await browser.ask('/account/proof/passkey-options', {})).body;
  const answer = { token: proof.token, response: authenticator.get(proof.options) };
  assert.equal((await new Browser('a').ask('/session/passkey', answer)).status, 401);
  const { browser: other } = await newUser('a', 'other-purposes');
  await other.addPasskey();
  const theirs = (await other.ask('/account/proof/passkey-options', {})).body;
  const swapped = { token: theirs.token, response: authenticator.get(theirs.options) };
  assert.equal(
    (await other.ask('/account/proof', { passkey: swapped })).status,
    401,
    'the passkey is another user’s',
  );
});

test('dangerous actions need a recent proof, by the second factor where there is one', async () => {
  const { id, browser } = await newUser('a', 'careful');
  const makeOwner = await application.users.update(id, { role: 'owner' });
  assert.equal(makeOwner.role, 'owner');
  assert.equal((await browser.signIn('careful@a.example')).status, 200);
  const dangerous: [string, unknown, string?][] = [
    ['/keys', { name: 'Server', kind: 'service' }],
    ['/people', { email: 'invited@a.example', displayName: 'Invited', role: 'admin' }],
    [`/people/${id}`, { role: 'owner' }, 'PATCH'],
    ['/account/passkeys/options', {}],
    ['/account/recovery-codes', {}],
    ['/account/second-factor/remove', { current: PASSWORD }],
    ['/exports/accounts.csv', undefined, 'GET'],
  ];
  await letTimePass(id);
  for (const [path, body, method] of dangerous) {
    const { status, body: problem } = await browser.ask(path, body, method);
    // Without file services there are no exports.
    if (status === 404) continue;
    assert.deepEqual([status, problem.code], [403, 'confirmation_required'], path);
  }
  assert.deepEqual((await browser.ask('/account/proof', undefined, 'GET')).body.ways, ['password']);
  assert.equal((await browser.ask('/account/proof', { password: 'guessed' })).status, 403);
  assert.equal((await browser.ask('/account/proof', { password: PASSWORD })).status, 204);
  assert.equal((await browser.ask('/keys', { name: 'Server', kind: 'service' })).status, 201);

  const { secret, token } = (await browser.ask('/account/second-factor', {})).body;
  const totp = new TOTP({ secret });
  const confirm = { token, code: totp.generate(), current: PASSWORD };
  const confirmed = await browser.ask('/account/second-factor/confirm', confirm);
  assert.equal(confirmed.status, 200);
  await letTimePass(id);
  assert.deepEqual((await browser.ask('/account/proof', undefined, 'GET')).body.ways, ['code']);
  assert.equal(
    (await browser.ask('/account/proof', { password: PASSWORD })).status,
    403,
    'a password alone proves too little',
  );
  assert.equal(
    (await browser.ask('/account/proof', { code: confirm.code })).status,
    422,
    'the first code was used',
  );
  assert.equal((await browser.ask('/account/recovery-codes', {})).status, 403);
  const [recoveryCode = '', another = ''] = confirmed.body.recoveryCodes as string[];
  assert.equal((await browser.ask('/account/proof', { code: recoveryCode })).status, 204);
  const renewed = await browser.ask('/account/recovery-codes', {});
  assert.equal(renewed.body.recoveryCodes.length, 10);
  const refused = await new Browser('a').signIn('careful@a.example', another);
  assert.equal(refused.status, 401, 'earlier recovery codes are void');
  const wrong = await application.audit.list({ action: 'session.proof_refused', entityId: id });
  assert.deepEqual(
    wrong.map(({ details }) => details?.reason),
    ['code_wrong', 'password_wrong'],
  );
  const codes = await application.audit.list({ action: 'session.sign_in_refused', entityId: id });
  assert.equal(codes[0]?.details?.reason, 'code_wrong');

  // Changing the password proves nothing more: the step-up is not passed with a stolen password.
  await letTimePass(id);
  const changed = await browser.ask('/account/password', {
    current: PASSWORD,
    password: 'another phrase of mine',
  });
  assert.equal(changed.status, 204);
  assert.equal(
    (await browser.ask('/account/second-factor/remove', { current: 'another phrase of mine' })).status,
    403,
  );
});

test('removing a passkey ends other sessions, and the ends of sessions are recorded', async () => {
  const { id, browser } = await newUser('a', 'removing');
  const { authenticator } = await browser.addPasskey();
  const other = new Browser('a');
  await other.byPasskey(authenticator);
  const key = authenticator.id.toString('base64url');
  assert.equal((await browser.ask(`/account/passkeys/${key}`, undefined, 'DELETE')).status, 204);
  assert.equal((await other.ask('/people', undefined, 'GET')).status, 401);
  assert.equal((await other.byPasskey(authenticator)).status, 401);
  assert.equal((await browser.ask('/session', undefined, 'DELETE')).status, 204);
  const ends = await application.audit.list({ action: 'session.end', entityId: id });
  assert.deepEqual(
    ends.map(({ actor, address, details }) => [actor, address, details?.reason]),
    [
      [`user:${id}`, '127.0.0.1', 'signed_out'],
      [`user:${id}`, '127.0.0.1', 'revoked'],
    ],
  );
});

test('a common password is refused: by change, invitation, link or Supabase’s client', async () => {
  const { browser } = await newUser('a', 'choosing');
  const changed = await browser.ask('/account/password', { current: PASSWORD, password: 'P@ssw0rd2024!' });
  assert.deepEqual([changed.status, changed.body.code], [422, 'password_common']);
  const client = await serving.supabase('a', 'choosing@a.example');
  const { error } = await client.auth.updateUser({ password: 'qwertyuiop' });
  assert.deepEqual([error?.status, error?.code], [422, 'weak_password']);
});
