// What was agreed stays so: no user can replace it, the contract is made from the accepted version, and it is billed once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany();
const service = await company.service();
const ROLES = ['a:owner', 'a:manager', 'a:sales', 'a:staff', 'a:viewer'] as const;

interface Offer {
  status: string;
  contentSha256: string;
  quote: { event: { dates: string[] } };
  contract: { bodyHtml: string } | null;
  invoice: { due: object | null } | null;
}

async function send(quoteId: string): Promise<string> {
  const answer = await company.ask('a:sales', 'POST', `/api/quotes/${quoteId}/send`, {});
  return (await bodyOf<{ url: string }>(answer, 200)).url.split('/c/')[1] ?? '';
}
const offerOf = async (token: string) =>
  bodyOf<Offer>(await company.ask('anonymous', 'GET', `/api/client/${token}`), 200);
const accept = (token: string, contentSha256: string) =>
  company.ask('anonymous', 'POST', `/api/client/${token}/accept`, {
    name: 'Ana Rivera',
    consent: true,
    contentSha256,
    signature: { kind: 'typed', text: 'Ana Rivera' },
  });
const patch = (who: (typeof ROLES)[number], path: string, change: object) =>
  company.ask(who, 'PATCH', `/rest/v1/${path}`, change, { prefer: 'return=representation' });
const rows = async (table: string, filter: Record<string, string>) =>
  (await service.from(table).select('*').match(filter).throwOnError()).data as Record<string, unknown>[];

test('no role writes by hand what the system fills in', async () => {
  const deal = await makeDeal(company, 'By hand');
  const token = await send(deal.quoteId);
  const [contract] = await rows('contracts', { quote_id: deal.quoteId });
  const upload = new FormData();
  upload.set('file', new File(['forged'], 'forged.txt', { type: 'text/plain' }));
  upload.set('entity_type', 'contract');
  upload.set('entity_id', String(contract?.id));
  const forged = await bodyOf<{ id: string }>(
    await company.ask('a:sales', 'POST', '/api/attachments', upload),
    201,
  );
  const { eventId, contractId, invoiceId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const attempts: [path: string, change: object][] = [
    [`contracts?id=eq.${contractId}`, { signed_pdf_id: forged.id }],
    [`contracts?id=eq.${contractId}`, { signer_name: 'Mallory' }],
    [`contracts?id=eq.${contractId}`, { event_id: null }],
    [`contracts?id=eq.${contractId}`, { signed_at: '2020-01-01' }],
    [`contracts?id=eq.${contractId}`, { token_hash: 'x' }],
    [`quotes?id=eq.${deal.quoteId}`, { accepted_at: '2020-01-01' }],
    [`quotes?id=eq.${deal.quoteId}`, { viewed_at: '2020-01-01' }],
    [`quotes?id=eq.${deal.quoteId}`, { content_sha256: '0'.repeat(64) }],
    [`quotes?id=eq.${deal.quoteId}`, { token_hash: 'x' }],
    [`quotes?id=eq.${deal.quoteId}`, { quote_number: 'Q-1' }],
    [`invoices?id=eq.${invoiceId}`, { sent_at: '2020-01-01' }],
    [`invoices?id=eq.${invoiceId}`, { invoice_number: 'INV-7' }],
    [`invoices?id=eq.${invoiceId}`, { paid: 1 }],
    [`events?id=eq.${eventId}`, { portal_token_hash: 'x' }],
    [`events?id=eq.${eventId}`, { created_by: company.userIds['a:owner'] }],
    [`booth_assignments?event_id=eq.${eventId}`, { checked_out_by: company.userIds['a:owner'] }],
    [`booth_assignments?event_id=eq.${eventId}`, { status: 'checked_out' }],
    [`opportunities?id=eq.${deal.opportunityId}`, { stage_changed_at: '2020-01-01' }],
    [`event_core_task_completion?event_id=eq.${eventId}`, { completed_by: company.userIds['a:owner'] }],
    [`user_role_history?user_id=eq.${company.userIds['a:staff']}`, { role: 'owner' }],
  ];
  for (const [path, change] of attempts) {
    for (const who of ROLES) {
      const answer = await patch(who, path, change);
      const refused = answer.status >= 400 && answer.status < 500;
      assert.ok(refused || (await answer.text()) === '[]', `${who} ${path} ${JSON.stringify(change)}`);
    }
  }
});

test('who completes a step is who did it, and when', async () => {
  const deal = await makeDeal(company, 'Steps');
  const token = await send(deal.quoteId);
  const { eventId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const [step] = await rows('event_core_task_completion', { event_id: eventId ?? '' });
  const path = `event_core_task_completion?id=eq.${step?.id}`;
  const ownersName = { is_completed: true, completed_by: company.userIds['a:owner'] };
  assert.equal((await patch('a:staff', path, ownersName)).status, 403);
  assert.equal((await patch('a:staff', path, { name_snapshot: 'Nothing' })).status, 403);
  const [done] = await bodyOf<{ completed_by: string }[]>(
    await patch('a:staff', path, { is_completed: true }),
    200,
  );
  assert.equal(done?.completed_by, company.userIds['a:staff']);
  await patch('a:manager', path, { notes: 'Seen', is_completed: true });
  const [still] = await rows('event_core_task_completion', { id: String(step?.id) });
  assert.equal(still?.completed_by, company.userIds['a:staff'], 'saying so again changes nothing');
});

test('what has changed since it was sent is not accepted, and sent again it says what is so', async () => {
  const changes: [what: string, change: (deal: Awaited<ReturnType<typeof makeDeal>>) => Promise<unknown>][] =
    [
      [
        'another day',
        ({ opportunityId }) =>
          patch('a:sales', `event_dates?opportunity_id=eq.${opportunityId}`, { event_date: '2031-05-05' }),
      ],
      [
        'another hour',
        ({ opportunityId }) =>
          patch('a:sales', `event_dates?opportunity_id=eq.${opportunityId}`, { end_time: '22:00' }),
      ],
      [
        'another place',
        async ({ opportunityId }) => {
          const made = await company.ask(
            'a:sales',
            'POST',
            '/rest/v1/locations',
            { name: 'The barn' },
            { prefer: 'return=representation' },
          );
          const [place] = await bodyOf<{ id: string }[]>(made, 201);
          return patch('a:sales', `event_dates?opportunity_id=eq.${opportunityId}`, {
            location_id: place?.id,
          });
        },
      ],
      [
        'one day more',
        ({ opportunityId }) =>
          company.ask('a:sales', 'POST', '/rest/v1/event_dates', {
            opportunity_id: opportunityId,
            event_date: '2031-05-06',
            start_time: '18:00',
            end_time: '23:00',
            timezone: 'America/Chicago',
          }),
      ],
      [
        'the client’s name',
        ({ accountId }) => patch('a:sales', `accounts?id=eq.${accountId}`, { name: 'Other' }),
      ],
      [
        'the deal’s name',
        ({ opportunityId }) =>
          patch('a:sales', `opportunities?id=eq.${opportunityId}`, { name: 'Other event' }),
      ],
    ];
  for (const [what, change] of changes) {
    const deal = await makeDeal(company, `Changed: ${what}`);
    const token = await send(deal.quoteId);
    const { contentSha256 } = await offerOf(token);
    await change(deal);
    assert.equal((await offerOf(token)).status, 'changed', what);
    const refused = await bodyOf<{ title: string }>(await accept(token, contentSha256), 409);
    assert.match(refused.title, /has changed since it was sent/, what);
    assert.deepEqual(await rows('events', { opportunity_id: deal.opportunityId }), [], what);

    const again = await send(deal.quoteId);
    const offer = await offerOf(again);
    assert.notEqual(offer.contentSha256, contentSha256, what);
    assert.equal(offer.status, 'viewed', what);
    if (what === 'another day') assert.match(offer.contract?.bodyHtml ?? '', /May 5, 2031/);
    assert.equal((await accept(again, contentSha256)).status, 409, `${what}: what the former link showed`);
    assert.equal((await accept(again, offer.contentSha256)).status, 200, what);
    const contracts = await rows('contracts', { quote_id: deal.quoteId });
    assert.deepEqual(contracts.map(({ status }) => status).sort(), ['signed', 'void'], what);
  }
});

test('a deal is accepted and billed once: the old link, then the revision', async () => {
  const deal = await makeDeal(company, 'Twice billed');
  const token = await send(deal.quoteId);
  const revise = () =>
    company.ask('a:sales', 'POST', '/rest/v1/rpc/revise_quote', { quote_id: deal.quoteId });
  const [revised, asked] = await Promise.all(
    [1, 2].map(async () => bodyOf<{ id: string }>(await revise(), 200)),
  );
  assert.equal(revised?.id, asked?.id, 'one revision, however often it is asked for');
  assert.equal((await accept(token, (await offerOf(token)).contentSha256)).status, 200);
  const refused = await bodyOf<{ title: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${revised?.id}/send`, {}),
    409,
  );
  assert.match(refused.title, /of this deal was accepted/);
  assert.equal((await revise()).status, 409);
  const of = { opportunity_id: deal.opportunityId };
  assert.equal((await rows('events', of)).length, 1);
  assert.equal((await rows('invoices', of)).length, 1);
  assert.equal((await rows('contracts', of)).length, 1);
  assert.deepEqual((await rows('quotes', of)).map(({ status }) => status).sort(), ['accepted', 'draft']);
});

test('a link whose quote was replaced says so', async () => {
  const deal = await makeDeal(company, 'Replaced');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const revised = await bodyOf<{ id: string }>(
    await company.ask('a:sales', 'POST', '/rest/v1/rpc/revise_quote', { quote_id: deal.quoteId }),
    200,
  );
  const newer = await send(revised.id);
  assert.equal((await offerOf(token)).status, 'superseded');
  const refused = await bodyOf<{ title: string }>(await accept(token, contentSha256), 409);
  assert.match(refused.title, /was replaced by a newer one/);
  assert.equal((await accept(newer, (await offerOf(newer)).contentSha256)).status, 200);
});

test('a refused send changes nothing: the draft stays one, and the client’s former link opens', async () => {
  const deal = await makeDeal(company, 'Refused');
  const made = await company.ask(
    'a:manager',
    'POST',
    '/rest/v1/templates',
    { type: 'contract', name: 'With a place', content: '<p>At {{event.location}}</p>' },
    { prefer: 'return=representation' },
  );
  const [template] = await bodyOf<{ id: string }[]>(made, 201);
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const revised = await bodyOf<{ id: string }>(
    await company.ask('a:sales', 'POST', '/rest/v1/rpc/revise_quote', { quote_id: deal.quoteId }),
    200,
  );
  const refuse = async (quoteId: string, contractTemplateId: string | undefined) => {
    const answer = await company.ask('a:sales', 'POST', `/api/quotes/${quoteId}/send`, {
      contractTemplateId,
    });
    return (await bodyOf<{ code: string }>(answer, 422)).code;
  };
  assert.equal(await refuse(revised.id, template?.id), 'quote_template_incomplete');
  assert.equal(await refuse(revised.id, randomUUID()), 'quote_template_unknown');
  const statusOf = async (id: string) => (await rows('quotes', { id }))[0]?.status;
  assert.deepEqual([await statusOf(revised.id), await statusOf(deal.quoteId)], ['draft', 'viewed']);
  const edited = await patch('a:sales', `quotes?id=eq.${revised.id}`, { deposit_value: 20 });
  assert.equal((await bodyOf<object[]>(edited, 200)).length, 1);
  // Sent again, where its contract would have to be written anew.
  const date = `event_dates?opportunity_id=eq.${deal.opportunityId}`;
  const [before] = await rows('event_dates', { opportunity_id: deal.opportunityId });
  await bodyOf(await patch('a:sales', date, { end_time: '22:00' }), 200);
  assert.equal(await refuse(deal.quoteId, template?.id), 'quote_template_incomplete');
  await bodyOf(await patch('a:sales', date, { end_time: before?.end_time }), 200);
  assert.equal((await accept(token, contentSha256)).status, 200);
});

test('the link of a cancelled event takes no payment', async () => {
  const deal = await makeDeal(company, 'Cancelled');
  const token = await send(deal.quoteId);
  const { eventId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const pay = () => company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {});
  assert.equal((await pay()).status, 200);
  await bodyOf(await patch('a:manager', `events?id=eq.${eventId}`, { status: 'cancelled' }), 200);
  const refused = await bodyOf<{ code: string; title: string }>(await pay(), 409);
  assert.equal(refused.code, 'payment_not_due');
  assert.match(refused.title, /cancelled/);
  assert.equal((await offerOf(token)).invoice?.due, null);
});

test('the history says that the client did it, by link', async () => {
  const deal = await makeDeal(company, 'History');
  const token = await send(deal.quoteId);
  const { eventId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const history = await bodyOf<
    { entity: string; changed_by: string | null; changed_through: string | null }[]
  >(
    await company.ask('a:owner', 'POST', '/rest/v1/rpc/record_history', {
      kind: 'events',
      record_id: eventId,
      most: 100,
    }),
    200,
  );
  assert.ok(history.length > 3);
  assert.deepEqual(new Set(history.map(({ changed_through }) => changed_through)), new Set(['client_link']));
  assert.deepEqual(new Set(history.map(({ changed_by }) => changed_by)), new Set([null]));
  const [quote] = await rows('quotes', { id: deal.quoteId });
  assert.deepEqual([quote?.updated_by, quote?.accepted_by_name], [null, 'Ana Rivera']);
  await patch('a:manager', `events?id=eq.${eventId}`, { title: 'Renamed' });
  const [latest] = await bodyOf<{ changed_by: string; changed_through: string | null }[]>(
    await company.ask('a:owner', 'POST', '/rest/v1/rpc/record_history', {
      kind: 'events',
      record_id: eventId,
      most: 1,
    }),
    200,
  );
  assert.deepEqual([latest?.changed_by, latest?.changed_through], [company.userIds['a:manager'], null]);
});

test('a contract’s text has no script, wherever it comes from', async () => {
  const made = await company.ask(
    'a:manager',
    'POST',
    '/rest/v1/templates',
    {
      type: 'contract',
      name: 'With a link',
      is_default: true,
      content: '<p><a href="{{account.name}}">Read more</a> <b>{{account.name}}</b></p>',
    },
    { prefer: 'return=representation' },
  );
  const [template] = await bodyOf<{ id: string }[]>(made, 201);
  const deal = await makeDeal(company, 'javascript:alert(document.cookie)');
  const token = await send(deal.quoteId);
  const { contract } = await offerOf(token);
  assert.match(contract?.bodyHtml ?? '', /<a>Read more<\/a> <b>javascript:alert/);
  await service.from('templates').delete().eq('id', template?.id);

  // Written by hand into a draft, and sent.
  const other = await makeDeal(company, 'By hand');
  const closed = await send(other.quoteId);
  const { eventId } = await bodyOf<Record<string, string>>(
    await accept(closed, (await offerOf(closed)).contentSha256),
    200,
  );
  const { id } = await bodyOf<{ id: string }>(
    await company.ask('a:sales', 'POST', '/api/contracts', { eventId }),
    201,
  );
  await patch('a:sales', `contracts?id=eq.${id}`, { body_html: '<p>Hello<script>alert(1)</script></p>' });
  const sent = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', `/api/contracts/${id}/send`, {}),
    200,
  );
  const page = await bodyOf<{ bodyHtml: string }>(
    await company.ask('anonymous', 'GET', `/api/client/contracts/${sent.url.split('/s/')[1]}`),
    200,
  );
  assert.equal(page.bodyHtml, '<p>Hello</p>');
});

test('work is assigned to people who work here', async () => {
  const deal = await makeDeal(company, 'People');
  const token = await send(deal.quoteId);
  const { eventId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const [date] = await rows('event_dates', { event_id: eventId ?? '' });
  const [role] = await rows('staff_roles', { name: 'Driver' });
  const ask = (user_id: string | undefined) =>
    company.ask('a:manager', 'POST', '/rest/v1/event_staff_assignments', {
      event_id: eventId,
      event_date_id: date?.id,
      user_id,
      staff_role_id: role?.id,
      status: 'confirmed',
    });
  assert.equal((await ask(randomUUID())).status, 409);
  assert.equal((await ask(company.userIds['b:staff'])).status, 409, 'of another company');
  assert.equal((await ask(company.userIds['a:sales'])).status, 201);
  const task = (assigned_to: string | undefined) =>
    company.ask('a:sales', 'POST', '/rest/v1/tasks', { title: 'Call', assigned_to });
  assert.equal((await task(randomUUID())).status, 409);
  assert.equal((await task(company.userIds['a:staff'])).status, 201);

  await service.from('event_staff_assignments').delete().eq('event_id', eventId).eq('status', 'invited');
  const staffed = async () => {
    const answer = await company.ask('a:owner', 'POST', '/rest/v1/rpc/event_readiness', {
      for_event: eventId,
    });
    return (await bodyOf<{ staffed: boolean }[]>(answer, 200))[0]?.staffed;
  };
  assert.equal(await staffed(), true);
  const { id } = (await company.application.users.list(company.tenantIds.a)).find(
    (user) => user.id === company.userIds['a:sales'],
  ) as { id: string };
  await bodyOf(await company.ask('a:owner', 'PATCH', `/api/people/${id}`, { status: 'disabled' }), 200);
  assert.equal(await staffed(), false, 'who no longer works here is missing');
  const byManager = await company.ask('a:manager', 'POST', '/rest/v1/tasks', {
    title: 'Call',
    assigned_to: id,
  });
  assert.equal(byManager.status, 409);
});
