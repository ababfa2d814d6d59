import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailQueue } from '@/lib/crm/delivery/jobs';
import { type Asker, bodyOf, makeDeal, startCompany } from './start-company';

const company = await startCompany({
  mail: async () => {
    const { operations, services, manager } = company;
    const queue = new MailQueue({
      jobs: operations.jobs,
      secretBox: services.secretBox,
      transport: { kind: 'smtp', send: async () => {}, close: () => {} },
      from: 'mail@marquee.example',
      clientFor: (tenantId) => manager.getClientForTenant(tenantId, true) as never,
    });
    await operations.jobs.start();
    await queue.start();
    services.mail = async () => queue;
    return queue;
  },
  accountMail: {
    async queue(_purpose, user) {
      invited.push(user.id);
    },
  },
});
const invited: string[] = [];
const service = await company.service();
await company.services.mail?.();

type Table =
  | 'communications'
  | 'contracts'
  | 'user_integrations'
  | 'saved_views'
  | 'payments'
  | 'attachments';

async function countOf(table: Table, filter: Record<string, string | null> = {}): Promise<number> {
  let query = service.from(table).select('id', { count: 'exact', head: true });
  for (const [column, value] of Object.entries(filter))
    query = value === null ? query.is(column, null) : query.eq(column, value);
  return (await query.throwOnError()).count ?? -1;
}

interface Answers {
  /** How many answers had each status. */
  statuses: Record<number, number>;
  /** Different bodies among those that succeeded. */
  bodies: Record<string, never>[];
  refusals: string[];
}

/** Sends one request ten times at once. */
async function tenTimes(
  who: Asker,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answers> {
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const response = await company.ask(who, method, path, body, headers);
      return { status: response.status, text: await response.text() };
    }),
  );
  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const good = answers.filter(({ status }) => status < 300);
  const refused = answers.filter(({ status }) => status >= 300);
  return {
    statuses,
    bodies: [...new Set(good.map(({ text }) => text))].map((text) => JSON.parse(text)),
    refusals: refused.map(({ text }) => JSON.parse(text).code),
  };
}

/** One was done; the others got its answer, or 409 in words. */
function assertOnce({ statuses, bodies, refusals }: Answers, status: number): void {
  assert.deepEqual(
    Object.keys(statuses).filter((one) => one !== '409'),
    [String(status)],
    JSON.stringify(refusals),
  );
  assert.equal(bodies.length, 1);
  assert.ok(
    refusals.every((code) => code === 'request_in_progress'),
    refusals.join(),
  );
}

async function makeEvent(title: string): Promise<string> {
  const deal = await makeDeal(company, title);
  const { data } = await service
    .from('events')
    .insert({ title, account_id: deal.accountId, primary_contact_id: deal.contactId })
    .select('id')
    .single()
    .throwOnError();
  await service
    .from('event_dates')
    .insert({ event_id: data.id, event_date: '2027-06-05', start_time: '18:00', end_time: '22:00' })
    .throwOnError();
  return data.id;
}

const withKey = () => ({ 'idempotency-key': crypto.randomUUID() });

for (const [name, headers] of [
  ['with one key', withKey],
  ['without a key', () => ({})],
] as const) {
  test(`ten requests at once do one thing, ${name}`, async () => {
    const eventId = await makeEvent(`Ten ${name}`);
    const message = {
      about: { kind: 'event', id: eventId },
      to: 'ana@client.example',
      subject: `Hello ${name}`,
      body: 'Hello',
    };
    assertOnce(await tenTimes('a:sales', 'POST', '/api/messages', message, headers()), 202);
    assert.equal(await countOf('communications', { subject: message.subject }), 1);

    assertOnce(await tenTimes('a:sales', 'POST', '/api/contracts', { eventId }, headers()), 201);
    assert.equal(await countOf('contracts', { event_id: eventId }), 1);

    const { data: contract } = await service
      .from('contracts')
      .select('id')
      .eq('event_id', eventId)
      .single()
      .throwOnError();
    const send = `/api/contracts/${contract.id}/send`;
    const sent = await tenTimes('a:sales', 'POST', send, { mail: true }, headers());
    assertOnce(sent, 200);
    assert.equal(await countOf('communications', { event_id: eventId }), 2);
    const link = String(sent.bodies[0]?.url).split('/s/')[1];
    assert.equal((await company.ask('anonymous', 'GET', `/api/client/contracts/${link}`)).status, 200);

    const deal = await makeDeal(company, `Ten quotes ${name}`);
    const quote = await tenTimes(
      'a:sales',
      'POST',
      `/api/quotes/${deal.quoteId}/send`,
      { mail: true },
      headers(),
    );
    assertOnce(quote, 200);
    assert.equal(await countOf('communications', { opportunity_id: deal.opportunityId }), 1);
    const offer = String(quote.bodies[0]?.url).split('/c/')[1];
    assert.equal((await company.ask('anonymous', 'GET', `/api/client/${offer}`)).status, 200);

    const before = await countOf('user_integrations');
    const endpoint = { url: `https://crm.example/${name.length}`, events: ['quote.sent'] };
    assertOnce(await tenTimes('a:owner', 'POST', '/api/webhooks', endpoint, headers()), 201);
    assert.equal(await countOf('user_integrations'), before + 1);

    const mails = invited.length;
    const email = `new-${name.length}@a.example`;
    const person = { email, displayName: 'New', role: 'sales' };
    assertOnce(await tenTimes('a:owner', 'POST', '/api/people', person, headers()), 201);
    assert.equal(invited.length, mails + 1);

    assertOnce(
      await tenTimes('a:staff', 'POST', '/api/calendar-feeds', { name: `Mine ${name}` }, headers()),
      201,
    );
    assert.equal(await countOf('saved_views', { name: `Mine ${name}` }), 1);

    const key = { name: `Key ${name}`, kind: 'anon' };
    assertOnce(await tenTimes('a:owner', 'POST', '/api/keys', key, headers()), 201);
    const { keys } = await bodyOf<{ keys: { name: string }[] }>(
      await company.ask('a:owner', 'GET', '/api/keys'),
      200,
    );
    assert.equal(keys.filter((one) => one.name === key.name).length, 1);

    const csv = `Name\nImported ${name}\n`;
    const started = await tenTimes('a:owner', 'POST', '/api/imports?entity=accounts', csv, {
      'content-type': 'text/csv',
      ...headers(),
    });
    assertOnce(started, 202);
  });
}

test('of ten people and keys that send one document at once, one does; nothing fails with 500', async () => {
  const eventId = await makeEvent('Many keys');
  const ask = (who: Asker, path: string, body: unknown) =>
    company.ask(who, 'POST', path, body, { 'idempotency-key': crypto.randomUUID() });
  const askers: Asker[] = ['a:owner', 'a:manager', 'a:sales'];
  const made = await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      ask(askers[index % 3] as Asker, '/api/contracts', { eventId }).then((answer) =>
        bodyOf<{ id: string }>(answer, 201),
      ),
    ),
  );
  assert.equal(new Set(made.map(({ id }) => id)).size, 1, 'one open contract an event');
  assert.equal(await countOf('contracts', { event_id: eventId }), 1);
  const answers = await Promise.all(
    Array.from({ length: 9 }, async (_, index) => {
      const answer = await ask(askers[index % 3] as Asker, `/api/contracts/${made[0]?.id}/send`, {
        mail: true,
      });
      return { status: answer.status, body: (await answer.json()) as { url?: string; code?: string } };
    }),
  );
  const sent = answers.filter(({ status }) => status === 200);
  assert.ok(sent.length >= 1);
  assert.ok(answers.every(({ status, body }) => status === 200 || body.code === 'request_in_progress'));
  // Those that did not overlap sent it again; each mail's link lived until the next.
  assert.equal(await countOf('communications', { event_id: eventId }), sent.length);
});

test('a key: the same answer after, 422 for another request, and failures are not kept', async () => {
  const eventId = await makeEvent('Again');
  const headers = withKey();
  const message = {
    about: { kind: 'event', id: eventId },
    to: 'ana@client.example',
    subject: 'Once more',
    body: 'At {{event.location}}',
  };
  const post = (body: unknown, who: Asker = 'a:sales', path = '/api/messages') =>
    company.ask(who, 'POST', path, body, headers);
  assert.equal((await post(message)).status, 422, 'refused: it lacks a value');
  const mended = { ...message, body: 'Hello' };
  const first = await post(mended);
  assert.deepEqual([first.status, first.headers.get('idempotency-replayed')], [202, null]);
  const answer = await first.text();
  const again = await post(mended);
  assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [202, 'true']);
  assert.equal(await again.text(), answer);
  const other = await post({ ...mended, subject: 'Something else' });
  assert.equal((await bodyOf<{ code: string }>(other, 422)).code, 'key_reused');
  assert.equal((await post({ eventId }, 'a:sales', '/api/contracts')).status, 422, 'of another path');
  assert.equal((await post(mended, 'a:owner')).status, 202, 'keys of another person are theirs');
  assert.equal(await countOf('communications', { subject: 'Once more' }), 2);

  const { rows } = await company.operations.pool.query<{ answer: string; expires_at: Date }>(
    "select answer, expires_at from idempotent_requests where state = 'done' and tenant_id = $1",
    [company.tenantIds.a],
  );
  assert.ok(rows.length > 0 && rows.every((row) => row.answer.startsWith('mq1.')), 'answers are encrypted');
});

test('a request whose caller cannot be looked up for a moment is not done without its key', async ({
  mock,
}) => {
  const message = {
    about: { kind: 'event', id: await makeEvent('Lost for a moment') },
    to: 'ana@client.example',
    subject: 'Lost for a moment',
    body: 'Hello',
  };
  const headers = withKey();
  const post = async () => (await company.ask('a:sales', 'POST', '/api/messages', message, headers)).status;
  const lost = () => Promise.reject(new Error('The application database is lost.'));
  mock.method(company.application.tenants, 'get', lost, { times: 1 });
  assert.deepEqual([await post(), await post(), await post()], [500, 202, 202]);
  assert.equal(await countOf('communications', { subject: message.subject }), 1);
});

test('a request whose process ended is taken again after its lease, and queues no second mail', async () => {
  const eventId = await makeEvent('Ended');
  const headers = withKey();
  const message = {
    about: { kind: 'event', id: eventId },
    to: 'ana@client.example',
    subject: 'Lease',
    body: 'Hello',
  };
  const post = () => company.ask('a:sales', 'POST', '/api/messages', message, headers);
  const first = await bodyOf<{ id: string }>(await post(), 202);
  // As if it had ended between the mail and its answer.
  const asIfRunning = (lease: string) =>
    company.operations.pool.query(
      `update idempotent_requests set state = 'running', status = null, answer = null, finished_at = null, leased_until = now() + $1::interval
       where tenant_id = $2 and caller = $3`,
      [lease, company.tenantIds.a, company.userIds['a:sales']],
    );
  await asIfRunning('1 minute');
  const running = await post();
  assert.ok(running.headers.has('retry-after'));
  assert.equal((await bodyOf<{ code: string }>(running, 409)).code, 'request_in_progress');
  await asIfRunning('-1 second');
  assert.deepEqual(await bodyOf(await post(), 202), { ...first, status: 'queued' });
  assert.equal(await countOf('communications', { subject: 'Lease' }), 1);
});

test('old answers and ended sessions are forgotten', async () => {
  const { pool, idempotentRequests } = company.operations;
  await pool.query("update idempotent_requests set expires_at = now() - interval '1 second'");
  await idempotentRequests.forgetOld();
  const { rows } = await pool.query('select count(*)::int as n from idempotent_requests');
  assert.equal(rows[0].n, 0);
});

/** Routes that make nothing: they read, or repeating them changes nothing more. */
const SAME_AGAIN: [RegExp, string][] = [
  [/^POST .*\/(preview|preview-template|check-template|availability)$/, 'reads'],
  [/^(POST|PUT) \/(auth\/v1|api\/session|api\/account)/, 'proves who acts; a token or code of it works once'],
  [/^POST \/api\/imports\/\{id\}\/undo$/, 'undone once'],
  [/^POST \/api\/bulk-changes\/\{id\}\/(undo|cancel)$/, 'undone or ended once'],
  [/^POST \/api\/client\/.*\/(accept|decline|sign|designs\/\{id\})$/, 'the database does it once'],
  [/^PUT \/api\/client\/.*\/extras$/, 'chooses the same again'],
  [/^PUT \/api\/(settings\/\{key\}|single-sign-on|logo|support-access\/policy)$/, 'replaces the same'],
  [/^PATCH \/api\//, 'changes the same'],
  [/^POST \/api\/integrations\/\{provider\}\/begin$/, 'leads to the provider; a state of it works once'],
  [/^POST \/api\/integrations\/\{id\}\/check$/, 'renews the same tokens'],
  [/^POST \/api\/payments\/\{provider\}\/webhook\//, 'a provider’s report has an id of its own'],
  [/^POST \/api\/mail\/reports$/, 'a report has an id of its own'],
  [/^POST \/api\/support-access\/\{id\}\/answer$/, 'answered once'],
  [
    /^POST \/api\/(company-data\/own-database|operator\/data-sources(\/\{source\})?)\/(script|test)$/,
    'reads',
  ],
  [/^(POST|PUT|PATCH) \/rest\/v1\//, 'PostgREST’s: on_conflict, or ids that the client chose'],
  [/^POST \/book\/\{company\}$/, 'a form is received once'],
  [/^POST \/test-payment$/, 'paid once'],
];

test('every route that makes something takes an idempotency key, so that a double click makes one', async () => {
  const document = (await (await company.ask('a:owner', 'GET', '/api/openapi.json')).json()) as {
    paths: Record<string, Record<string, { parameters?: { name: string }[] }> & { servers?: unknown }>;
  };
  const changing = Object.entries(document.paths).flatMap(([path, { servers, ...item }]) =>
    Object.entries(item)
      .filter(([method]) => ['post', 'put', 'patch'].includes(method))
      .map(([method, { parameters = [] }]) => ({
        name: `${method.toUpperCase()} ${servers ? '' : '/api'}${path}`,
        takesKey: parameters.some(({ name }) => name === 'idempotency-key'),
      })),
  );
  assert.ok(changing.length > 60, String(changing.length));
  const isExcused = (name: string) => SAME_AGAIN.some(([pattern]) => pattern.test(name));
  const lacking = changing.filter(({ name, takesKey }) => !takesKey && !isExcused(name));
  assert.deepEqual(
    lacking.map(({ name }) => name),
    [],
  );
  const needless = SAME_AGAIN.filter(
    ([pattern]) => !changing.some(({ name, takesKey }) => !takesKey && pattern.test(name)),
  );
  assert.deepEqual(needless, []);
});

test('a client’s question that is clicked twice is asked once', async () => {
  const deal = await makeDeal(company, 'Asks twice');
  const { url } = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    200,
  );
  const question = { question: `May we bring our own backdrop? ${deal.quoteId}` };
  const path = `/api/client/${url.split('/c/')[1]}/questions`;
  assertOnce(await tenTimes('anonymous', 'POST', path, question, withKey()), 201);
  assertOnce(await tenTimes('anonymous', 'POST', path, { question: `${question.question} And ours?` }), 201);
  const { data } = await service
    .from('communications')
    .select('id')
    .eq('opportunity_id', deal.opportunityId)
    .ilike('body', '%backdrop%')
    .throwOnError();
  assert.equal(data.length, 2);
});
