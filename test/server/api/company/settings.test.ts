import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { MERGE_FIELDS } from '@/lib/crm/templates';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany({
  oauthClients: { google: { clientId: 'marquee', clientSecret: 'of the operator' } },
});

interface SettingsBody {
  settings: { key: string; value: unknown; version: number | null }[];
}

test('every role reads the settings; admins change them, within their schema', async () => {
  const { settings } = await bodyOf<SettingsBody>(await company.ask('a:staff', 'GET', '/api/settings'), 200);
  const currency = settings.find(({ key }) => key === 'currency');
  assert.equal(currency?.value, 'USD');
  const put = (who: 'a:owner' | 'a:manager', key: string, body: object) =>
    company.ask(who, 'PUT', `/api/settings/${key}`, body);
  assert.equal((await put('a:manager', 'currency', { value: 'EUR' })).status, 403);
  const changed = await bodyOf<{ value: string; version: number }>(
    await put('a:owner', 'currency', { value: 'EUR', version: currency?.version }),
    200,
  );
  assert.equal(changed.value, 'EUR');
  const late = await put('a:owner', 'currency', { value: 'JPY', version: currency?.version });
  assert.equal((await bodyOf<{ code: string }>(late, 409)).code, 'record_stale');
  assert.equal((await put('a:owner', 'currency', { value: 'XXY' })).status, 422);
  assert.equal((await put('a:owner', 'colour', { value: 'red' })).status, 422);
  const company_ = { name: 'Flash', lines: ['1 Main St'], email: '', phone: '', primary_color: '#112233' };
  assert.equal((await put('a:owner', 'company', { value: company_ })).status, 200);
  const ofB = await bodyOf<SettingsBody>(await company.ask('b:owner', 'GET', '/api/settings'), 200);
  assert.equal(ofB.settings.find(({ key }) => key === 'currency')?.value, 'USD');
});

test('documents carry the name that the company was created with, until it is changed', async () => {
  const { settings } = await bodyOf<SettingsBody>(await company.ask('b:owner', 'GET', '/api/settings'), 200);
  const { value } = settings.find(({ key }) => key === 'company') ?? {};
  const { name } = await company.application.tenants.get(company.tenantIds.b);
  assert.equal((value as { name: string }).name, name);
});

test('owners read which services are available, and no variable of the operator', async () => {
  const text = await (await company.ask('a:owner', 'GET', '/api/integrations')).text();
  assert.doesNotMatch(text, /[A-Z]{4,}_[A-Z]{2,}/);
  const { available, sendsMail } = JSON.parse(text);
  assert.deepEqual([available, sendsMail], [['stripe', 'google'], false]);
});

test('templates are checked before they are saved', async () => {
  const check = (content: string) =>
    company.ask('a:manager', 'POST', '/api/settings/check-template', { content });
  assert.equal((await check('Dear {{contact.first_name}}')).status, 200);
  const refused = await bodyOf<{ title: string }>(await check('Dear {{contact.shoe_size}}'), 422);
  assert.match(refused.title, /shoe_size/);
});

test('a template is refused when it is saved, by whatever way; the database knows the fields that the program knows', async () => {
  const save = (content: string, subject = '') =>
    company.ask('a:manager', 'POST', '/rest/v1/templates', {
      type: 'email',
      name: content,
      subject,
      content,
    });
  const refused = await bodyOf<{ message: string }>(await save('Dear {{contact.shoe_size}}'), 422);
  assert.match(refused.message, /\{\{contact\.shoe_size\}\}, which does not exist/);
  assert.equal((await save('Dear {{contact.first_name}')).status, 422);
  assert.equal((await save('Hello', 'Quote {{quote.numbr}}')).status, 422);
  for (const field of Object.keys(MERGE_FIELDS))
    assert.equal((await save(`{{ ${field} }}`)).status, 201, field);
});

test('a preview shows the deal’s values, says what is missing, and runs no script', async () => {
  const deal = await makeDeal(company, 'Preview <b>party</b>');
  const preview = await bodyOf<{ content: string; missing: string[] }>(
    await company.ask('a:sales', 'POST', '/api/settings/preview-template', {
      content:
        '<p onclick="x()">{{event.title}}: {{deposit.amount}} at {{event.location}}</p><script>x()</script>',
      quoteId: deal.quoteId,
    }),
    200,
  );
  assert.deepEqual(preview, {
    content: "<p>Preview &lt;b&gt;party&lt;/b&gt;: €605.00 at [the event's venue]</p>",
    missing: ['event.location'],
  });
});

test('a logo is made small, stands on documents, and is for admins to change', async () => {
  const picture = await sharp({ create: { width: 2000, height: 500, channels: 3, background: '#b4235a' } })
    .jpeg()
    .toBuffer();
  const put = (who: 'a:owner' | 'a:manager', content: Uint8Array | string) => {
    const form = new FormData();
    form.set(
      'file',
      new File([typeof content === 'string' ? content : new Uint8Array(content)], 'logo.jpg', {
        type: 'image/jpeg',
      }),
    );
    return company.ask(who, 'PUT', '/api/logo', form);
  };
  const { quoteId } = await makeDeal(company, 'Logo');
  const pdf = async () => {
    const answer = await company.ask('a:owner', 'GET', `/api/documents/quotes/${quoteId}.pdf`);
    return Buffer.from(await answer.arrayBuffer()).toString('latin1');
  };
  assert.doesNotMatch(await pdf(), /\/Subtype \/Image/);
  assert.equal((await put('a:manager', picture)).status, 403);
  assert.equal((await put('a:owner', 'no picture')).status, 422);
  assert.equal((await put('a:owner', picture)).status, 204);
  const image = /\/Subtype \/Image[^>]*?\/Width (\d+)[^>]*?\/Height (\d+)/.exec(await pdf());
  assert.deepEqual(image?.slice(1), ['480', '120']);
  assert.equal(
    (await company.ask('a:owner', 'PUT', '/api/settings/logo', { value: 'data:image/svg+xml,x' })).status,
    422,
  );
  assert.equal((await company.ask('a:owner', 'PUT', '/api/settings/logo', { value: '' })).status, 200);
  assert.doesNotMatch(await pdf(), /\/Subtype \/Image/);
});

test('what is no JSON and what is no form is a malformed request, told as a problem', async () => {
  for (const [path, type] of [
    ['/api/settings/check-template', 'application/json'],
    ['/api/attachments', 'multipart/form-data; boundary=x'],
  ] as const) {
    const answer = await company.ask('a:owner', 'POST', path, '{"content":', { 'content-type': type });
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal((await bodyOf<{ code: string }>(answer, 400)).code, 'request_malformed');
  }
});

test('Stripe keys are kept encrypted and never shown', async () => {
  const keys = { secretKey: 'sk_test_abcdefgh', webhookSecret: 'whsec_abcdefgh' };
  assert.equal((await company.ask('a:sales', 'PUT', '/api/integrations/stripe', keys)).status, 403);
  const connected = await bodyOf<{ webhookUrl: string }>(
    await company.ask('a:owner', 'PUT', '/api/integrations/stripe', keys),
    200,
  );
  assert.match(connected.webhookUrl, new RegExp(`/api/payments/stripe/webhook/${company.tenantIds.a}$`));
  const text = await (await company.ask('a:owner', 'GET', '/api/integrations')).text();
  assert.ok(text.includes('"stripe"') && !text.includes('abcdefgh') && !text.includes('mq1.'));
  const { data } = await (await company.service())
    .from('user_integrations')
    .select('*')
    .eq('provider', 'stripe')
    .single();
  assert.match(data.credentials, /^mq1\./);
  assert.equal(data.key_id, data.credentials.split('.')[1]);
  const read = await company.ask('a:owner', 'GET', '/rest/v1/user_integrations?select=credentials');
  assert.equal(read.status, 403);
});

test('OAuth: only the user who began it is connected, and only once', async () => {
  const { url } = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', '/api/integrations/google/begin'),
    200,
  );
  const asked = new URL(url);
  assert.equal(asked.origin, 'https://accounts.google.com');
  assert.equal(asked.searchParams.get('code_challenge_method'), 'S256');
  const state = asked.searchParams.get('state') ?? '';
  const back = (who: 'a:owner' | 'a:sales' | 'b:sales' | 'anonymous', given = state, code = '') =>
    company.ask(who, 'GET', `/api/integrations/google/callback?state=${encodeURIComponent(given)}${code}`);
  assert.equal((await back('a:owner', state, '&code=x')).status, 400);
  assert.equal((await back('b:sales', state, '&code=x')).status, 400);
  assert.equal((await back('anonymous', state, '&code=x')).status, 401);
  assert.equal((await back('a:sales', `${state.slice(0, -4)}AAAA`, '&code=x')).status, 400);
  // A person is shown the settings with what happened.
  const html = { accept: 'text/html,*/*' };
  const shown = await company.ask(
    'a:owner',
    'GET',
    `/api/integrations/google/callback?state=${encodeURIComponent(state)}&code=x`,
    undefined,
    html,
  );
  assert.match(shown.headers.get('location') ?? '', /\/settings\?tab=integrations&failed=request_malformed$/);
  const declined = await back('a:sales', state, '&error=access_denied');
  assert.equal(declined.status, 303);
  assert.match(declined.headers.get('location') ?? '', /\/settings\?tab=integrations&refused=google$/);
  assert.equal((await company.ask('a:owner', 'POST', '/api/integrations/quickbooks/begin')).status, 404);
});
