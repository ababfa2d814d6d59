// Against a real OpenID provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOTP } from 'otpauth';
import { CookieBrowser } from '../../support/browser-fetch';
import { CLIENT, type Person, startIdentityProvider } from '../../support/identity-provider';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing({ identityProviderNetworks: ['127.0.0.0/8'] });
const { url, tenantIds, application, operations } = serving;
const callbackOf = (tenant: string) => `${url}/t/${tenant}/api/session/single-sign-on/callback`;
const provider = await startIdentityProvider([callbackOf('a'), callbackOf('b')]);

const SETTINGS = {
  ...{ issuer: provider.issuer, clientId: CLIENT.client_id, clientSecret: CLIENT.client_secret },
  ...{ label: 'Contoso', roleClaim: 'groups', defaultRole: 'viewer', createsUsers: true, required: false },
  roles: [
    { value: 'crm-admins', role: 'admin' },
    { value: 'crm-sales', role: 'sales' },
  ],
};

async function configure(changes: object = {}, who = 'owner@a.example'): Promise<Response> {
  const cookie = await serving.cookieOf('a', who);
  return fetch(`${url}/t/a/api/single-sign-on`, {
    method: 'PUT',
    headers: { origin: url, cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ ...SETTINGS, ...changes }),
  });
}

async function session(browser: CookieBrowser, tenant = 'a') {
  const response = await browser.fetch(`${url}/t/${tenant}/api/session`);
  return { status: response.status, body: await response.json() };
}

/** A person goes through the provider's sign-in page and comes back. */
async function signOn(
  subject: string,
  person: Person,
  { browser = new CookieBrowser(), from = '/accounts', amr = ['pwd'], again = false } = {},
) {
  provider.people[subject] = person;
  provider.next = { subject, amr };
  const query = new URLSearchParams({ from, ...(again && { again: 'true' }) });
  const { url: page } = await browser.open(
    `${url}/t/a/api/session/single-sign-on?${query}`,
    (next) => next.origin === url && !next.pathname.includes('/api/'),
  );
  return { browser, page: `${page.pathname}${page.search}` };
}

async function refusalReasons(): Promise<unknown[]> {
  const filter = { action: 'session.sign_in_refused', tenantId: tenantIds.a, limit: 20 };
  return (await application.audit.list(filter)).map(({ details }) => details?.reason);
}

assert.equal((await configure()).status, 200);

test('only an owner sets it up, and only a provider that answers is accepted', async () => {
  await serving.addUser(tenantIds.a, 'admin@a.example', 'admin');
  assert.equal((await configure({}, 'admin@a.example')).status, 403);
  const nowhere = await configure({ issuer: 'http://127.0.0.1:9', clientSecret: 'x' });
  assert.deepEqual([nowhere.status, (await nowhere.json()).code], [422, 'single_sign_on_invalid']);
  // The metadata service of clouds, and private networks that the operator has not allowed.
  for (const issuer of ['https://169.254.169.254', 'https://10.0.0.1', 'https://[::1]', 'https://localhost'])
    assert.equal((await configure({ issuer, clientSecret: 'x' })).status, 422, issuer);
  const moved = await configure({ issuer: 'https://login.example', clientSecret: undefined });
  assert.equal(moved.status, 400, 'the secret of one provider is not sent to another');
  const cookie = await serving.cookieOf('a', 'owner@a.example');
  const present = await (await fetch(`${url}/t/a/api/single-sign-on`, { headers: { cookie } })).text();
  assert.equal(present.includes(CLIENT.client_secret), false);
  assert.equal(JSON.parse(present).redirectUri, callbackOf('a'));
  const [record] = await application.audit.list({ action: 'tenants.update', entityId: tenantIds.a });
  assert.equal(JSON.stringify(record).includes(CLIENT.client_secret), false);
});

test('a new person gets an account with the role of their group, and comes back to the page they wanted', async () => {
  const person = {
    email: 'Nina@A.example',
    email_verified: true,
    name: 'Nina New',
    groups: ['staff', 'crm-sales'],
  };
  const { browser, page } = await signOn('nina', person);
  assert.equal(page, '/t/a/accounts');
  const { body } = await session(browser);
  assert.deepEqual(
    [body.user.email, body.user.displayName, body.user.role],
    ['nina@a.example', 'Nina New', 'sales'],
  );
  assert.equal(provider.requests.at(-1)?.get('code_challenge_method'), 'S256');
  const accounts = await browser.fetch(`${url}/t/a/rest/v1/accounts?select=name`);
  assert.equal(accounts.status, 200);

  // The provider decides the role at each sign-in, knows the person by subject, and an address may change there.
  const changed = await signOn('nina', {
    ...person,
    email: 'renamed@a.example',
    email_verified: false,
    groups: ['crm-admins'],
  });
  const again = (await session(changed.browser)).body.user;
  assert.deepEqual([again.id, again.email, again.role], [body.user.id, 'nina@a.example', 'admin']);
  const [signIn] = await application.audit.list({ action: 'session.sign_in', entityId: body.user.id });
  assert.equal(signIn?.details?.method, 'sso');
  const changes = await application.audit.list({ action: 'users.update', entityId: body.user.id });
  assert.ok(changes.some(({ actor, after }) => actor === 'system:single-sign-on' && after?.role === 'admin'));
});

test('an account is never linked by an address that the provider has not verified', async () => {
  const id = await serving.addUser(tenantIds.a, 'victim@a.example', 'manager');
  for (const email_verified of [false, undefined]) {
    const person = { email: 'victim@a.example', ...(email_verified === undefined ? {} : { email_verified }) };
    const { browser, page } = await signOn('attacker', person);
    assert.equal(page, '/t/a/sign-in?failed=single_sign_on_refused');
    assert.equal((await session(browser)).body, null);
  }
  assert.deepEqual((await refusalReasons()).slice(0, 2), ['email_unverified', 'email_unverified']);
  assert.equal(await application.users.isLinked(id, provider.issuer), false);

  // The verified address links; then no other person of the provider gets the account, whatever their address.
  const { browser } = await signOn('victor', {
    email: 'victim@a.example',
    email_verified: true,
    groups: ['crm-sales'],
  });
  const { user } = (await session(browser)).body;
  assert.deepEqual([user.id, user.role], [id, 'sales']);
  const { page } = await signOn('attacker', { email: 'victim@a.example', email_verified: true });
  assert.equal(page, '/t/a/sign-in?failed=single_sign_on_refused');
  assert.equal((await refusalReasons())[0], 'linked_to_another');
});

test('an owner stays owner whatever the provider says, and a disabled account stays out', async () => {
  const owner = await signOn('olivia', {
    email: 'owner@a.example',
    email_verified: true,
    groups: ['crm-sales'],
  });
  assert.equal((await session(owner.browser)).body.user.role, 'owner');
  const id = await serving.addUser(tenantIds.a, 'gone@a.example', 'staff');
  await application.users.update(id, { status: 'disabled' });
  const { page } = await signOn('gone', { email: 'gone@a.example', email_verified: true });
  assert.equal(page, '/t/a/sign-in?failed=single_sign_on_refused');
  assert.equal((await refusalReasons())[0], 'user_disabled');
});

test('who belongs to no group, or has no account, gets in only where the company says so', async () => {
  await configure({ defaultRole: null });
  const none = await signOn('nogroup', { email: 'nogroup@a.example', email_verified: true });
  assert.equal(none.page, '/t/a/sign-in?failed=single_sign_on_refused');
  await configure({ createsUsers: false });
  const unknown = await signOn('unknown', {
    email: 'unknown@a.example',
    email_verified: true,
    groups: ['crm-sales'],
  });
  assert.equal(unknown.page, '/t/a/sign-in?failed=single_sign_on_refused');
  assert.deepEqual((await refusalReasons()).slice(0, 2), ['user_unknown', 'no_role']);
  await configure();
});

test('an account’s own second factor is asked for, unless the provider checked one', async () => {
  const id = await serving.addUser(tenantIds.a, 'factored@a.example', 'sales');
  const totp = new TOTP({});
  await application.users.setTotpSecret(id, totp.secret.base32);
  await application.users.confirmTotp(id, []);
  const person = { email: 'factored@a.example', email_verified: true, groups: ['crm-sales'] };
  const { browser, page } = await signOn('factored', person);
  assert.equal(page, '/t/a/sign-in?as=code&from=%2Faccounts');
  assert.equal((await session(browser)).status, 403);
  assert.equal((await browser.fetch(`${url}/t/a/rest/v1/accounts`)).status, 403);
  const show = (code: string) =>
    browser.fetch(`${url}/t/a/api/session/code`, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
  assert.equal((await show('000000')).status, 422);
  assert.equal((await show(totp.generate())).status, 200);
  assert.equal((await browser.fetch(`${url}/t/a/rest/v1/accounts`)).status, 200);
  const checked = await signOn('factored', person, { amr: ['pwd', 'mfa'] });
  assert.equal(checked.page, '/t/a/accounts');
  assert.equal((await session(checked.browser)).status, 200);
});

test('a dangerous action needs a sign-in at the provider that is recent', async () => {
  const person = { email: 'prover@a.example', email_verified: true, groups: ['crm-admins'] };
  const { browser } = await signOn('prover', person);
  const id = (await session(browser)).body.user.id;
  await operations.pool.query(
    "update sessions set proved_at = now() - interval '1 hour' where user_id = $1",
    [id],
  );
  await application.announceUser(id);
  const makeKey = () =>
    browser.fetch(`${url}/t/a/api/keys`, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Server', kind: 'service' }),
    });
  assert.equal((await makeKey()).status, 403);
  const ways = await browser.fetch(`${url}/t/a/api/account/proof`);
  assert.deepEqual((await ways.json()).ways, ['single-sign-on']);
  await signOn('prover', person, { browser, again: true });
  assert.equal(provider.requests.find((one) => one.has('prompt'))?.get('prompt'), 'login');
  assert.equal((await makeKey()).status, 201);
});

test('an answer counts once, for the browser and the company that asked', async () => {
  provider.people.once = { email: 'once@a.example', email_verified: true, groups: ['crm-sales'] };
  provider.next = { subject: 'once', amr: ['pwd'] };
  const begin = async (tenant: string) => {
    const browser = new CookieBrowser();
    const isBack = (next: URL) => next.pathname.endsWith('/callback');
    const { url: answer } = await browser.open(`${url}/t/${tenant}/api/session/single-sign-on`, isBack);
    return { browser, answer };
  };
  const landing = async (browser: CookieBrowser, address: URL) =>
    (await browser.fetch(address.href)).headers.get('location');
  const failed = `${url}/t/a/sign-in?failed=single_sign_on_failed`;

  // An attacker makes a victim's browser answer with the attacker's code (login CSRF).
  const attacker = await begin('a');
  const victim = await begin('a');
  assert.equal(
    await landing(new CookieBrowser(), attacker.answer),
    failed,
    'a browser that asked for nothing',
  );
  assert.equal(
    await landing(victim.browser, attacker.answer),
    failed,
    'a browser that asked for something else',
  );
  assert.equal((await session(victim.browser)).body, null);

  const { browser, answer } = await begin('a');
  const forged = new URL(answer);
  forged.searchParams.set('state', 'forged');
  assert.equal(await landing(browser, forged), failed);
  const honest = await begin('a');
  assert.equal(await landing(honest.browser, honest.answer), `${url}/t/a/`);
  assert.equal(await landing(honest.browser, honest.answer), failed, 'replayed');

  // Begun at A, answered at B, which trusts the same provider.
  await application.singleSignOn.set(
    tenantIds.b,
    (await application.singleSignOn.find(tenantIds.a)) ?? null,
    CLIENT.client_secret,
  );
  const crossing = await begin('a');
  const atB = new URL(crossing.answer.href.replace('/t/a/', '/t/b/'));
  assert.equal(await landing(crossing.browser, atB), `${url}/t/b/sign-in?failed=single_sign_on_failed`);
  assert.equal((await session(crossing.browser, 'b')).body, null);
});

test('the page to return to is one of the company’s own', async () => {
  const person = { email: 'nina@a.example', email_verified: true, groups: ['crm-sales'] };
  for (const from of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/%0d%0aset-cookie:x',
    'javascript:alert(1)',
    '/t/b/accounts',
  ]) {
    const { page } = await signOn('nina', person, { from });
    assert.match(page, /^\/t\/a\/(?!\/)/, from);
    assert.doesNotMatch(page, /^\/t\/a\/\/|evil\.example$/, from);
  }
  const { page } = await signOn('nina', person, { from: '/accounts?q=a&tab=b' });
  assert.equal(page, '/t/a/accounts?q=a&tab=b');
});

test('where the company requires it, passwords, passkeys and mailed links let only owners in', async () => {
  await serving.addUser(tenantIds.a, 'bypass@a.example', 'admin');
  assert.equal((await configure({ required: true })).status, 200);
  const signIn = (email: string) =>
    fetch(`${url}/t/a/api/session`, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
  const refused = await signIn('bypass@a.example');
  assert.deepEqual([refused.status, (await refused.json()).code], [403, 'single_sign_on_required']);
  const { error } = await (await serving.supabase('a')).auth.signInWithPassword({
    email: 'bypass@a.example',
    password: PASSWORD,
  });
  assert.equal(error?.status, 403);
  assert.equal((await refusalReasons())[0], 'single_sign_on_required');
  assert.equal(
    (await signIn('owner@a.example')).status,
    200,
    'a broken provider does not lock the company out',
  );
  const ways = await (await fetch(`${url}/t/a/api/session/ways`)).json();
  assert.deepEqual(ways, { singleSignOn: { label: 'Contoso', required: true } });
  assert.deepEqual(await (await fetch(`${url}/api/session/ways`)).json(), { singleSignOn: null });
  await configure();
});
