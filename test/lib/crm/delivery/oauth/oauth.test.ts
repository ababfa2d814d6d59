import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginAuthorization, exchangeCode, PROVIDERS, refreshTokens } from '@/lib/crm/delivery/oauth/oauth';
import { serve } from '../answering';

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
