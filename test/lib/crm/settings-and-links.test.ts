import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { beginAuthorization, exchangeCode, PROVIDERS, refreshTokens } from '@/lib/crm/delivery/oauth/oauth';
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
  const forms: URLSearchParams[] = [];
  const tokenUrl = await serve((body) => {
    const form = new URLSearchParams(body);
    forms.push(form);
    if (form.get('refresh_token') === 'revoked') return { status: 400, json: { error: 'invalid_grant' } };
    return { status: 200, json: { access_token: 'a', refresh_token: 'r', expires_in: 60, scope: 'x y' } };
  });
  const provider = { ...PROVIDERS.google, tokenUrl };
  const client = { clientId: 'id', clientSecret: 'hidden', redirectUrl: 'https://a.example/back' };
  const begun = beginAuthorization(provider, client);
  assert.equal(new URL(begun.url).searchParams.get('state'), begun.state);
  assert.ok(!begun.url.includes('hidden'));
  const tokens = await exchangeCode(provider, client, 'code', begun.verifier);
  assert.deepEqual([tokens.accessToken, tokens.refreshToken, tokens.scopes], ['a', 'r', ['x', 'y']]);
  assert.equal(forms[0]?.get('code_verifier'), begun.verifier);
  assert.equal((await refreshTokens(provider, client, tokens)).accessToken, 'a');
  await assert.rejects(refreshTokens(provider, client, { ...tokens, refreshToken: 'revoked' }), {
    code: 'oauth_refused',
  });
});
