// The public inquiry form as visitors send it: without scripts, to a running server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { MailQueue, NoticeMail } from '@/lib/crm/delivery/jobs';
import type { MailMessage } from '@/lib/crm/delivery/mail/transport';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { startCompany } from '../api/start-company';

const sent: MailMessage[] = [];
const company = await startCompany({
  mail: async () => {
    const { operations, services, manager } = company;
    const transport = {
      kind: 'smtp' as const,
      send: async (mail: MailMessage) => void sent.push(mail),
      close() {},
    };
    const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true) as never;
    const common = { jobs: operations.jobs, transport, from: 'mail@marquee.example', clientFor };
    const notices = new NoticeMail({
      ...common,
      recipient: (id) => company.application.users.find(id),
      addressOf: async () => 'https://marquee.example/t/a',
    });
    const queue = new MailQueue({ ...common, secretBox: services.secretBox, notices });
    await operations.jobs.start();
    await queue.start();
    services.mail = async () => queue;
    return queue;
  },
});
const service = await company.service();
const { a, b } = company.tenantIds;
await company.services.mail?.();

const FORM = {
  enabled: true,
  shows_availability: true,
  heading: '',
  text: '',
  consent: '',
  asks: {
    event_type: 'optional',
    event_date: 'required',
    event_place: 'optional',
    guest_count: 'optional',
    phone: 'optional',
    message: 'optional',
  },
  sites: ['https://www.flash.example'],
};
const SETTINGS = {
  inquiry_form: FORM,
  company: {
    name: 'Flash & Frame',
    lines: ['1 Main St'],
    email: 'hello@flash.example',
    phone: '555 010',
    primary_color: '#ffd400',
  },
};
await company.manager.withTenantTransaction(a, async ({ query }) => {
  for (const [key, value] of Object.entries(SETTINGS))
    await query(
      'insert into tenant_settings (key, value) values ($1, $2) on conflict (tenant_id, key) do update set value = excluded.value',
      [key, JSON.stringify(value)],
    );
});

const FORM_SECONDS = 24 * 3600;
/** The token of a form that was opened some seconds ago. */
const formOf = (tenantId: string, agoSeconds = 60) =>
  company.tokens.signPurposeToken('inquiry', tenantId, {}, FORM_SECONDS - agoSeconds);
const DAY = `${new Date().getUTCFullYear() + 1}-06-12`;
const ENTRIES = {
  first_name: 'Ana',
  last_name: 'Rivera',
  email: 'Ana@Client.example',
  phone: '+1 512 555 0199',
  event_date: DAY,
  event_place: 'Old Mill, Austin',
  guest_count: '120',
  message: 'Do you have an open-air booth?\nBuy now: https://spam.example',
  consent: 'yes',
};

function post(fields: Record<string, string>, subdomain = 'a', headers = {}): Promise<Response> {
  return company.ask('anonymous', 'POST', `/book/${subdomain}`, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  });
}

const page = (path: string, headers = {}) => company.ask('anonymous', 'GET', path, undefined, headers);
const leadsOf = async (email: string, tenant: 'a' | 'b' = 'a') =>
  (await (await company.service(tenant)).from('leads').select('*').eq('email', email).throwOnError()).data;

test('the form is one light page without third parties, which only the company’s sites may frame', async () => {
  const answer = await page('/book/a');
  assert.equal(answer.status, 200);
  const text = await answer.text();
  const script = await (await page('/book/form.js')).text();
  assert.ok(gzipSync(text).length + script.length < 60 * 1024);
  assert.ok(text.length + script.length < 60 * 1024, 'also uncompressed');
  assert.equal(answer.headers.get('x-frame-options'), null);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'self' https:\/\/www\.flash\.example$/);
  assert.doesNotMatch(text, /https?:\/\/(?!www\.flash)/, 'nothing is loaded from elsewhere');
  const embed = await page('/book/a/embed.js');
  assert.equal(embed.headers.get('cross-origin-resource-policy'), 'cross-origin');
  assert.equal((await page('/')).headers.get('x-frame-options'), 'SAMEORIGIN');
});

test('the visitor’s language: as asked for, as the browser says, else the company’s', async () => {
  for (const [path, accepted, language] of [
    ['/book/a', 'de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['/book/a', 'fr, en;q=0.4', 'en'],
    ['/book/a', 'fr', 'en'],
    ['/book/a?lang=de', 'en', 'de'],
  ] as const) {
    const text = await (await page(path, { 'accept-language': accepted })).text();
    assert.match(text, new RegExp(`<html lang="${language}">`), `${path} ${accepted}`);
  }
});

test('an inquiry becomes a lead with everything that was entered, a notice, and a mail to both sides', async () => {
  const answer = await post({ ...ENTRIES, form: await formOf(a) });
  assert.equal(answer.status, 303, await answer.text());
  const thanks = await page(answer.headers.get('location') ?? '');
  assert.match(await thanks.text(), /Thank you/);
  const [lead] = await leadsOf('ana@client.example');
  assert.partialDeepStrictEqual(lead, {
    first_name: 'Ana',
    last_name: 'Rivera',
    phone: ENTRIES.phone,
    source: 'Website',
    status: 'new',
    event_date: DAY,
    event_place: 'Old Mill, Austin',
    guest_count: 120,
    message: ENTRIES.message,
    consent_text: 'Flash & Frame may store what I enter here to answer my inquiry.',
  });
  assert.ok(lead?.consented_at);
  const { data: messages } = await service.from('communications').select('*').eq('lead_id', lead?.id);
  const noted = messages?.find(({ direction }) => direction === 'inbound');
  assert.match(noted?.body, /Guests: 120\nMessage: Do you have/);
  // The day as the company writes it.
  assert.match(noted?.body, /\w{3}, \w{3} \d{1,2}, \d{4}/);
  assert.ok(!noted?.body.includes(DAY));
  const toVisitor = await until(() =>
    sent.find(({ to }) => to === 'ana@client.example' || to === ENTRIES.email),
  );
  assert.match(toVisitor.html, /<html lang="en">/);
  assert.match(toVisitor.text, /Hello Ana/);
  assert.doesNotMatch(toVisitor.text, /spam|Old Mill/, 'nothing that could carry an advertisement');
  assert.equal(toVisitor.replyTo, 'hello@flash.example');
  const toOwner = await until(() => sent.find(({ to }) => to === 'owner@a.example'));
  assert.match(toOwner.subject, /New inquiry from Ana Rivera for June 12/);
  assert.match(toOwner.text, new RegExp(`https://marquee.example/t/a/leads/${lead?.id}`));
  assert.equal(toOwner.replyTo, ENTRIES.email);
  const notices = await (await company.ask('a:owner', 'POST', '/rest/v1/rpc/notices', {})).json();
  assert.partialDeepStrictEqual(notices[0], { kind: 'inquiry', entity_type: 'lead', entity_id: lead?.id });
  const others = await (await company.ask('a:sales', 'POST', '/rest/v1/rpc/notices', {})).json();
  assert.deepEqual(others, []);
  assert.equal((await leadsOf('ana@client.example', 'b')).length, 0);
});

test('a form is taken once: the same again changes nothing, other entries need a new form', async () => {
  const form = await formOf(a);
  const entries = { ...ENTRIES, email: 'once@client.example', phone: '' };
  const answers = await Promise.all([1, 2, 3].map(() => post({ ...entries, form })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [303, 303, 303],
  );
  const [lead, ...more] = await leadsOf('once@client.example');
  assert.equal(more.length, 0);
  const { data } = await service
    .from('communications')
    .select('id')
    .eq('lead_id', lead?.id)
    .eq('direction', 'inbound');
  assert.equal(data?.length, 1);
  const changed = await post({ ...entries, message: 'Something else', form });
  assert.equal(changed.status, 409);
  const text = await changed.text();
  assert.match(text, /sent before/);
  assert.match(text, /Something else/, 'what was typed is still there');
  assert.ok(!text.includes(form), 'with a form of its own');
});

test('the same person for the same date is one lead, and nothing that is known is overwritten', async () => {
  const first = { ...ENTRIES, email: 'twice@client.example', phone: '', message: '', guest_count: '' };
  await post({ ...first, form: await formOf(a) });
  const second = { ...first, first_name: 'Mallory', message: 'And a wrap?', guest_count: '90' };
  assert.equal((await post({ ...second, form: await formOf(a) })).status, 303);
  const leads = await leadsOf('twice@client.example');
  assert.equal(leads.length, 1);
  assert.partialDeepStrictEqual(leads[0], { first_name: 'Ana', message: 'And a wrap?', guest_count: 90 });
  const { data } = await service
    .from('communications')
    .select('body')
    .eq('lead_id', leads[0].id)
    .eq('direction', 'inbound');
  assert.match(data?.map(({ body }) => body).join() ?? '', /Mallory/, 'each inquiry is kept as it was sent');
  const another = { ...first, event_date: DAY.replace('-06-', '-07-') };
  await post({ ...another, form: await formOf(a) });
  assert.equal((await leadsOf('twice@client.example')).length, 2, 'another date is another inquiry');
});

test('what is missing or wrong is said at its field and at the top, and nothing is lost', async () => {
  const wrong = {
    ...ENTRIES,
    email: 'ana',
    first_name: 'www.spam.example',
    event_date: '2001-01-01',
    guest_count: 'many',
    consent: '',
  };
  const answer = await post({ ...wrong, form: await formOf(a) });
  assert.equal(answer.status, 422);
  const text = await answer.text();
  for (const field of ['first_name', 'email', 'event_date', 'guest_count', 'consent']) {
    assert.match(text, new RegExp(`id="f-${field}"[^>]*aria-invalid="true"`), field);
    assert.match(text, new RegExp(`aria-describedby="[^"]*e-${field}`), field);
    assert.match(text, new RegExp(`<p class="error" id="e-${field}">`), field);
    assert.match(text, new RegExp(`<a href="#f-${field}">`), field);
  }
  assert.match(text, /<title>Error: /);
  assert.match(text, /Old Mill, Austin/);
  assert.equal((await leadsOf('ana')).length, 0);
});

test('programs get no further; people whose form looks like theirs only press the button again', async () => {
  const entries = { ...ENTRIES, email: 'robot@client.example' };
  const forms: [string, Record<string, string>][] = [
    ['a filled trap', { form: await formOf(a), website: 'https://spam.example' }],
    ['faster than a person', { form: await formOf(a, 0) }],
    ['no form', {}],
    ['a form of another company', { form: await formOf(b) }],
    ['a form of another purpose', { form: await company.tokens.signPurposeToken('invitation', a, {}, 3600) }],
    ['a form that is too old', { form: await company.tokens.signPurposeToken('inquiry', a, {}, -10) }],
  ];
  for (const [what, fields] of forms) {
    const answer = await post({ ...entries, ...fields });
    assert.equal(answer.status, 400, what);
    const text = await answer.text();
    assert.match(text, /once more/, what);
    assert.match(text, /robot@client\.example/, what);
  }
  assert.equal((await leadsOf('robot@client.example')).length, 0);
});

test('unknown, suspended and switched off are one and the same page', async () => {
  const pageOf = async (subdomain: string) => {
    const answer = await page(`/book/${subdomain}`);
    return [answer.status, (await answer.text()).replace(/nonce="[^"]+"/, '')];
  };
  const unknown = await pageOf('unknown');
  assert.equal(unknown[0], 404);
  assert.deepEqual(await pageOf('b'), unknown, 'switched off');
  assert.equal((await post({ ...ENTRIES, form: await formOf(b) }, 'b')).status, 404);
  await company.manager.withTenantTransaction(b, ({ query }) =>
    query("insert into tenant_settings (key, value) values ('inquiry_form', $1)", [JSON.stringify(FORM)]),
  );
  assert.equal((await pageOf('b'))[0], 200);
  await company.application.tenants.setStatus(b, 'suspended');
  assert.deepEqual(await pageOf('b'), unknown, 'suspended');
  assert.equal((await post({ ...ENTRIES, form: await formOf(b) }, 'b')).status, 404);
});

test('the form’s role reads and writes no table, and calls nothing but the form’s functions', async () => {
  const token = await company.tokens.signAccessToken(
    { userId: company.userIds['a:owner'] ?? '', tenantId: a, role: 'website', tokenVersion: 0 },
    60,
  );
  const website = await company.manager.getClientForTenant(a, false, { accessToken: token });
  const tables = await company.manager.withTenantTransaction(a, async ({ query }) =>
    (
      await query<{ name: string }>(
        `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
           and c.relrowsecurity`,
      )
    ).rows.map(({ name }) => name),
  );
  assert.ok(tables.length > 40);
  for (const name of tables) {
    const { data, error } = await website
      .from(name as 'leads')
      .select('id')
      .limit(1);
    assert.ok(error || data.length === 0, `${name} is readable`);
  }
  const { error } = await website.from('leads').insert({ first_name: 'Mallory' });
  assert.ok(error);
  const { error: refused } = await website.rpc('search_records', { wanted: 'Ana' } as never);
  assert.ok(refused ?? true);
  for (const who of ['a:owner', 'a:viewer'] as const)
    assert.equal((await company.ask(who, 'POST', '/rest/v1/rpc/inquiry_form', {})).status, 403, who);
  assert.equal(
    (await company.ask('anonymous', 'GET', '/rest/v1/leads', undefined, { authorization: `Bearer ${token}` }))
      .status,
    401,
  );
});

test('a day is free, likely or taken; how many there are and who has them is not said', async () => {
  const form = await formOf(a);
  const stateOf = async (day: string) =>
    (await page(`/book/a/day?day=${day}&form=${form}&lang=en`)).json() as Promise<{ state?: string }>;
  assert.deepEqual(await stateOf(DAY), {}, 'a company without booths does not know');
  await company.manager.withTenantTransaction(a, async ({ query }) => {
    const id = async (text: string, values: unknown[] = []) =>
      (await query<{ id: string }>(`${text} returning id`, values)).rows[0]?.id ?? '';
    const type = await id("insert into booth_types (name) values ('Open-air')");
    const booth = await id("insert into booths (booth_type_id, name) values ($1, 'One')", [type]);
    const account = await id("insert into accounts (name) values ('Secret client')");
    for (const [day, status, until] of [
      [DAY, 'reserved', null],
      [DAY.replace('-12', '-14'), 'hold', 'tomorrow'],
    ]) {
      const event = await id("insert into events (title, account_id) values ('Secret', $1)", [account]);
      const date = await id(
        `insert into event_dates (event_id, event_date, start_time, end_time, timezone)
         values ($1, $2, '18:00', '01:00', 'America/New_York')`,
        [event, day],
      );
      await query(
        'insert into booth_assignments (event_date_id, booth_id, status, hold_expires_at) values ($1, $2, $3, $4::timestamptz)',
        [date, booth, status, until],
      );
    }
  });
  const states = [];
  for (const day of ['-12', '-13', '-14', '-15']) states.push((await stateOf(DAY.replace('-12', day))).state);
  assert.deepEqual(states, ['taken', 'free', 'likely', 'free']);
  assert.deepEqual(await stateOf('2001-01-01'), {}, 'days that are over are not told');
  assert.deepEqual(await stateOf('nonsense'), {});
  let asked = 7;
  for (; asked < 30; asked += 1)
    if ((await page(`/book/a/day?day=${DAY}&form=${form}`)).status === 429) break;
  assert.equal(asked, 12, 'one form asks for twelve days');
  assert.ok((await page(`/book/a/day?day=${DAY}&form=x`)).status >= 400, 'none without a form');
});

test('an inquiry that comes while the company is being moved is not lost', async () => {
  const { tenantIdInDataSource, dataSourceId, routeEpoch } = await company.application.tenants.get(a);
  const { adminUrl = '' } = await company.operations.dataSources.credentials(dataSourceId ?? '');
  await administer(adminUrl ?? '', "select tenancy.close_fence($1, 'moved')", [tenantIdInDataSource]);
  const answer = post({ ...ENTRIES, email: 'moving@client.example', phone: '', form: await formOf(a) });
  const early = await Promise.race([answer, setTimeout(1_000)]);
  assert.equal(early, undefined, 'it waits');
  await administer(adminUrl ?? '', 'select tenancy.open_fence($1, $2)', [tenantIdInDataSource, routeEpoch]);
  assert.equal((await answer).status, 303);
  assert.equal((await leadsOf('moving@client.example')).length, 1);
});

test('one address sends ten inquiries an hour', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 11; n += 1) {
    const { status } = await post({
      ...ENTRIES,
      email: `n${n}@client.example`,
      phone: '',
      form: await formOf(a),
    });
    statuses.push(status);
    if (status === 429) break;
  }
  assert.equal(statuses.at(-1), 429);
});
