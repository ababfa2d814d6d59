import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  authorizationUrl,
  exchangeCode,
  newVerifier,
  PROVIDERS,
  refreshTokens,
} from '@/lib/crm/delivery/oauth/oauth';
import { serve } from '../answering';

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
