import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import {
  authorizationUrl,
  exchangeCode,
  newVerifier,
  PROVIDERS,
  refreshTokens,
} from '@/lib/crm/delivery/oauth/oauth';
import { deliverWebhook, verifyWebhook } from '@/lib/crm/delivery/webhooks';
import { checkSetting, readSetting, SETTINGS } from '@/lib/crm/settings';

async function serve(
  answer: (body: string, headers: Record<string, string>) => { status: number; json?: object },
) {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const { status, json } = answer(body, request.headers as Record<string, string>);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json ?? {}));
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('every setting accepts its own initial value', () => {
  for (const [key, { initial }] of Object.entries(SETTINGS))
    assert.deepEqual(checkSetting(key, initial), initial);
});

test('a wrong setting is refused with words; a stored one that is no longer valid reads as the initial one', () => {
  assert.throws(() => checkSetting('colour', 1), { code: 'setting_unknown' });
  assert.throws(() => checkSetting('timezone', 'Mars/Base'), { code: 'setting_invalid' });
  assert.throws(() => checkSetting('currency', 'XXQ'), { code: 'setting_invalid' });
  assert.throws(() => checkSetting('priority_windows', { critical: 9, high: 7, medium: 14, low: 30 }), {
    code: 'setting_invalid',
  });
  const { stages } = SETTINGS.pipeline.initial;
  assert.throws(
    () =>
      checkSetting('pipeline', { stages: stages.filter(({ kind }) => kind !== 'won'), stale_after_days: 1 }),
    /one won/,
  );
  assert.equal(readSetting('currency', 'EUR'), 'EUR');
  assert.equal(readSetting('currency', 7), 'USD');
});

test('a webhook arrives signed, and a changed or old one does not verify', async () => {
  let seen: { body: string; headers: Record<string, string> } | undefined;
  const url = await serve((body, headers) => {
    seen = { body, headers };
    return { status: 204 };
  });
  const event = { id: 'm1', type: 'invoice.paid', occurredAt: '2026-05-01T00:00:00Z', data: { id: 1 } };
  await deliverWebhook({ url, secret: 'word' }, event, { allowPrivate: true });
  assert.ok(seen);
  assert.ok(verifyWebhook('word', seen.headers, seen.body));
  assert.ok(!verifyWebhook('word', seen.headers, `${seen.body} `));
  assert.ok(!verifyWebhook('word', seen.headers, seen.body, Date.now() + 3_600_000));
});

test('a webhook to this machine, a private network or without TLS is refused', async () => {
  const event = { id: 'm1', type: 't', occurredAt: '', data: {} };
  for (const url of [
    'http://example.com',
    'https://127.0.0.1',
    'https://10.1.2.3',
    'https://[::1]',
    'https://[::ffff:10.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[fec0::1]',
    'https://[64:ff9b::a00:1]',
    'https://[2002:7f00:1::]',
    'https://0x7f.1',
    'https://2130706433',
    'https://169.254.169.254',
    'https://localhost',
    'nonsense',
  ]) {
    await assert.rejects(deliverWebhook({ url, secret: 's' }, event), { code: 'webhook_url_refused' }, url);
  }
});

test('an OAuth connection (a contract fake) is made with PKCE, refreshed, and refused when revoked', async () => {
  const requests: { form: URLSearchParams; authorization: string | undefined }[] = [];
  const token_endpoint = await serve((body, { authorization }) => {
    const form = new URLSearchParams(body);
    requests.push({ form, authorization });
    if (form.get('refresh_token') === 'revoked') return { status: 400, json: { error: 'invalid_grant' } };
    if (form.get('refresh_token') === 'down') return { status: 503 };
    const isFirst = form.get('grant_type') === 'authorization_code';
    const tokens = { access_token: 'a', token_type: 'Bearer', ...(isFirst ? { refresh_token: 'r' } : {}) };
    return { status: 200, json: { ...tokens, expires_in: 60, scope: 'x y' } };
  });
  const provider = { ...PROVIDERS.google, server: { ...PROVIDERS.google.server, token_endpoint } };
  const client = { clientId: 'id.x', clientSecret: 'hid-den', redirectUrl: 'https://a.example/back' };
  const verifier = newVerifier();
  const url = new URL(await authorizationUrl(provider, client, { state: 'sealed', verifier }));
  assert.equal(url.searchParams.get('state'), 'sealed');
  assert.ok(!url.href.includes('hid-den'));
  const tokens = await exchangeCode(provider, client, 'code', verifier);
  assert.deepEqual([tokens.accessToken, tokens.refreshToken, tokens.scopes], ['a', 'r', ['x', 'y']]);
  const [{ form, authorization } = { form: new URLSearchParams(), authorization: '' }] = requests;
  const challenge = createHash('sha256').update(form.get('code_verifier') ?? '');
  assert.equal(challenge.digest('base64url'), url.searchParams.get('code_challenge'));
  assert.equal(form.get('redirect_uri'), client.redirectUrl);
  // Google reads the client from the form, Intuit from the header.
  assert.deepEqual(
    [form.get('client_id'), form.get('client_secret'), authorization],
    ['id.x', 'hid-den', undefined],
  );
  const renewed = await refreshTokens(provider, client, tokens);
  assert.deepEqual([renewed.accessToken, renewed.refreshToken], ['a', 'r']);
  await refreshTokens({ ...provider, authentication: 'basic' }, { ...client, clientId: 'AB12' }, tokens);
  assert.equal(requests.at(-1)?.form.get('client_secret'), null);
  assert.match(requests.at(-1)?.authorization ?? '', /^Basic /);
  for (const [refreshToken, code] of [
    ['revoked', 'oauth_refused'],
    ['down', 'oauth_unreachable'],
  ] as const)
    await assert.rejects(refreshTokens(provider, client, { ...tokens, refreshToken }), { code });
});
