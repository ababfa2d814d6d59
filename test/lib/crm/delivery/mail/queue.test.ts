import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailQueue, type MailTransport, ReturnPaths, runReminders, runUpkeep } from '@/lib/crm/delivery/jobs';
import { MailError } from '@/lib/crm/delivery/mail/errors';
import { findReminders } from '@/lib/crm/delivery/mail/reminders';
import type { MailMessage } from '@/lib/crm/delivery/mail/transport';
import { loadSettings } from '@/lib/crm/settings/load';
import { startMarquee } from '../../../../server/running-server';
import { until } from '../../../../support/until';
import { testSecretBox } from '../../../application/application-database';

const { manager, operations, a, b } = await startMarquee();
const sent: MailMessage[] = [];
/** A contract fake: refuses addresses that say so, keeps the others. */
const transport: MailTransport = {
  kind: 'smtp',
  async send(message) {
    if (message.to.startsWith('rejected'))
      throw new MailError('mail_rejected', 'The mail server refused the mail (550).', true);
    sent.push(message);
  },
  close() {},
};
const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
const secretBox = testSecretBox();
const from = 'mail@marquee.example';
const mail = new MailQueue({ jobs: operations.jobs, secretBox, transport, from, clientFor });
await operations.jobs.start();
await mail.start();
const client = await clientFor(a.id);

function statusOf(id: string | undefined): Promise<{ status: string; failure_reason: string | null }> {
  return until(async () => {
    const { data } = await client
      .from('communications')
      .select('status, failure_reason')
      .eq('id', id ?? '')
      .single()
      .throwOnError();
    return data.status !== 'queued' && data;
  }, 'the mail to leave the queue');
}

test('a queued mail is sent once, in the company’s look, and recorded', async () => {
  const outgoing = {
    to: 'ann@client.example',
    subject: 'Hello',
    bodyHtml: '<p>Dear Ann</p>',
    key: 'welcome:1',
  };
  const id = await mail.queue(a.id, outgoing);
  assert.deepEqual(await statusOf(id), { status: 'sent', failure_reason: null });
  assert.equal(await mail.queue(a.id, outgoing), undefined);
  assert.equal(sent.filter((message) => message.subject === 'Hello').length, 1);
  assert.match(sent[0]?.html ?? '', /Dear Ann/);
});

test('a job that runs again, after its mail was sent, sends nothing', async () => {
  const id = await mail.queue(a.id, { to: 'bob@client.example', subject: 'Once', bodyHtml: '<p>Once</p>' });
  await statusOf(id);
  await mail.deliver({ tenantId: a.id, communicationId: id ?? '' }, false);
  await mail.deliver({ tenantId: a.id, communicationId: id ?? '' }, true);
  assert.equal(sent.filter((message) => message.subject === 'Once').length, 1);
  assert.equal((await statusOf(id)).status, 'sent');
});

test('a bounce is recorded with its reason', async () => {
  const id = await mail.queue(a.id, {
    to: 'rejected@client.example',
    subject: 'Bounce',
    bodyHtml: '<p>x</p>',
  });
  const { status, failure_reason: reason } = await statusOf(id);
  assert.equal(status, 'failed');
  assert.match(reason ?? '', /refused/);
});

test('a person who wants no mail gets none', async () => {
  const contact = { first_name: 'Opt', email: 'opt@client.example', email_opt_out: true };
  const { data } = await client.from('contacts').insert(contact).select('id').single().throwOnError();
  const id = await mail.queue(a.id, {
    to: 'opt@client.example',
    subject: 'No',
    bodyHtml: '<p>x</p>',
    about: { contact_id: data.id },
  });
  assert.equal((await statusOf(id)).status, 'failed');
  assert.ok(!sent.some((message) => message.subject === 'No'));
});

test('a payment that is due is reminded of at the company’s own hour, once, and not in another company', async () => {
  const { data: account } = await client
    .from('accounts')
    .insert({ name: 'Payer' })
    .select('id')
    .single()
    .throwOnError();
  const contact = { first_name: 'Pay', email: 'pay@client.example' };
  const { data: person } = await client.from('contacts').insert(contact).select('id').single().throwOnError();
  const { data: invoice } = await client
    .from('invoices')
    .insert({
      account_id: account.id,
      contact_id: person.id,
      invoice_type: 'general',
      issue_date: '2026-06-01',
      due_date: '2026-06-15',
    })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: 'Booth', unit_price: 50000 })
    .throwOnError();
  await client.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  const parts = {
    jobs: operations.jobs,
    mail,
    clientFor,
    activeTenants: async () => [b.id, a.id],
    emailOf: async () => undefined,
  };
  await client
    .from('tenant_settings')
    .upsert(
      { key: 'payment_instructions', value: 'Transfer to First Bank,\naccount 123' },
      { onConflict: 'tenant_id,key' },
    )
    .throwOnError();
  // Seven days before, nine o'clock in New York: the settings of a new company.
  for (const at of ['2026-06-08T12:30:00Z', '2026-06-08T13:30:00Z', '2026-06-08T13:40:00Z']) {
    assert.deepEqual(await runReminders({ ...parts, now: () => new Date(at) }), []);
  }
  const { data } = await client
    .from('communications')
    .select('id, subject, body')
    .like('thread_id', 'reminder:invoice:%')
    .throwOnError();
  assert.equal(data.length, 1);
  assert.match(data[0]?.body ?? '', /\$500\.00.*<p>Transfer to First Bank,<br ?\/?>account 123<\/p>/s);
  assert.equal((await statusOf(data[0]?.id)).status, 'sent');
});

/** An issued invoice over 500.00 that is due on 15 June 2026. @returns its id */
async function addDueInvoice(row: {
  account_id: string;
  contact_id?: string;
  event_id?: string;
}): Promise<string> {
  const { data: invoice } = await client
    .from('invoices')
    .insert({ ...row, issue_date: '2026-06-01', due_date: '2026-06-15' })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: 'Booth', unit_price: 50000 })
    .throwOnError();
  await client.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  return invoice.id;
}

async function add(
  table: 'accounts' | 'events' | 'opportunities' | 'quote_line_items',
  row: object,
): Promise<string> {
  const { data } = await client
    .from(table)
    .insert(row as never)
    .select('id')
    .single()
    .throwOnError();
  return data.id;
}

test('a reminder goes to the account where the contact has no address, in the client’s language, with a button', async () => {
  const account = await add('accounts', { name: 'Kunde', email: 'kunde@client.example', locale: 'de-DE' });
  const invoice = await addDueInvoice({ account_id: account });
  const button = async (id: string) => ({ label: 'Rechnung ansehen', url: `https://here.example/i/${id}` });
  const found = await findReminders(client, '2026-06-08', async () => undefined, button);
  const reminder = found.find(({ key }) => key?.startsWith(`reminder:invoice:${invoice}`));
  assert.equal(reminder?.to, 'kunde@client.example');
  assert.equal(reminder?.language, 'de-DE');
  assert.match(
    reminder?.bodyHtml ?? '',
    /^<p>Guten Tag,<\/p><p>eine Zahlung von 500,00.\$ .* 15\. Juni 2026/,
  );
  assert.equal((await reminder?.makeAction?.())?.url, `https://here.example/i/${invoice}`);
});

test('a payment that is overdue is reminded of where the company wants that, and only while it is open', async () => {
  const account = await add('accounts', { name: 'Late', email: 'late@client.example' });
  const invoice = await addDueInvoice({ account_id: account });
  const dueAgain = async () =>
    (await findReminders(client, '2026-06-18', async () => undefined)).filter(({ key }) =>
      key?.startsWith(`reminder:overdue:${invoice}`),
    );
  assert.deepEqual(await dueAgain(), []);
  const { reminders } = await loadSettings(client, ['reminders']);
  await client
    .from('tenant_settings')
    .upsert(
      { key: 'reminders', value: { ...reminders, payment_overdue: 3 } },
      { onConflict: 'tenant_id,key' },
    )
    .throwOnError();
  const [overdue] = await dueAgain();
  assert.match(overdue?.bodyHtml ?? '', /\$500\.00.* was due on June 15, 2026/);
  await client
    .from('payments')
    .insert({ invoice_id: invoice, amount: 50000, currency: 'USD', method: 'cash', status: 'succeeded' })
    .throwOnError();
  assert.deepEqual(await dueAgain(), []);
});

test('nothing reminds of a canceled or deleted event, but of an invoice that was issued afterwards', async () => {
  const account = await add('accounts', { name: 'Off', email: 'off@client.example' });
  const [cancelled, deleted] = [
    await add('events', { title: 'Cancelled', account_id: account }),
    await add('events', { title: 'Deleted', account_id: account }),
  ];
  const before = [
    await addDueInvoice({ account_id: account, event_id: cancelled }),
    await addDueInvoice({ account_id: account, event_id: deleted }),
  ];
  const remindedOf = async () =>
    (await findReminders(client, '2026-06-08', async () => undefined)).map(({ key }) => key?.split(':')[2]);
  const first = await remindedOf();
  assert.ok(before.every((id) => first.includes(id)));
  await client.from('events').update({ status: 'cancelled' }).eq('id', cancelled).throwOnError();
  await client
    .from('events')
    .update({ deleted_at: new Date().toISOString() })
    .eq('id', deleted)
    .throwOnError();
  const fee = await addDueInvoice({ account_id: account, event_id: cancelled });
  const now = await remindedOf();
  assert.deepEqual(
    [...before, fee].map((id) => now.includes(id)),
    [false, false, true],
  );
});

test('a quote of a lost deal is not asked for any more', async () => {
  const account = await add('accounts', { name: 'Lost', email: 'lost@client.example' });
  const deal = await add('opportunities', { name: 'Lost', account_id: account });
  const quote = {
    opportunity_id: deal,
    account_id: account,
    valid_until: '2026-06-20',
    issue_date: '2026-06-01',
  };
  const { data } = await client.from('quotes').insert(quote).select('id').single().throwOnError();
  await add('quote_line_items', { quote_id: data.id, item_type: 'custom', name: 'Booth', unit_price: 100 });
  await client.from('quotes').update({ status: 'sent' }).eq('id', data.id).throwOnError();
  const { reminders } = await loadSettings(client, ['reminders']);
  const day = new Date(Date.parse('2026-06-20') - (reminders.quote_expiring ?? 0) * 86_400_000);
  const isAsked = async () =>
    (await findReminders(client, day.toISOString().slice(0, 10), async () => undefined)).some(({ key }) =>
      key?.includes(data.id),
    );
  assert.equal(await isAsked(), true);
  await client.from('opportunities').update({ stage: 'closed_lost' }).eq('id', deal).throwOnError();
  assert.equal(await isAsked(), false);
});

test('an hour that the clock skips, or in which no process ran, is made up for on the same day', async () => {
  await client
    .from('tenant_settings')
    .upsert(
      {
        key: 'reminders',
        value: { quote_expiring: null, payment_due: 7, design_late: null, crew_unconfirmed: null, hour: 2 },
      },
      { onConflict: 'tenant_id,key' },
    )
    .throwOnError();
  const { data: person } = await client
    .from('contacts')
    .insert({ first_name: 'Dst', email: 'dst@client.example' })
    .select('id')
    .single()
    .throwOnError();
  const { data: account } = await client
    .from('accounts')
    .insert({ name: 'Dst' })
    .select('id')
    .single()
    .throwOnError();
  const { data: invoice } = await client
    .from('invoices')
    .insert({
      account_id: account.id,
      contact_id: person.id,
      invoice_type: 'general',
      issue_date: '2026-03-01',
      due_date: '2026-03-15',
    })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: 'Booth', unit_price: 50000 })
    .throwOnError();
  await client.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  const parts = {
    jobs: operations.jobs,
    mail,
    clientFor,
    activeTenants: async () => [a.id],
    emailOf: async () => undefined,
  };
  const reminders = async () =>
    (
      await client
        .from('communications')
        .select('id')
        .like('thread_id', `reminder:invoice:${invoice.id}%`)
        .throwOnError()
    ).data.length;
  // On 8 March 2026 New York goes from 01:59 EST (06:59 UTC) to 03:00 EDT.
  const counts: number[] = [];
  for (const at of ['2026-03-08T06:05:00Z', '2026-03-08T07:05:00Z', '2026-03-08T08:05:00Z']) {
    await runReminders({ ...parts, now: () => new Date(at) });
    counts.push(await reminders());
  }
  assert.deepEqual(counts, [0, 1, 1]);
});

test('upkeep reaches every company it can, and ends mails that have lost their job', async () => {
  const queuedSince = async (days: number) => {
    const day = new Date(Date.now() - days * 86_400_000).toISOString();
    const row = { type: 'email', status: 'queued', subject: 'Lost', to_address: 'ann@client.example' };
    const { data } = await client
      .from('communications')
      .insert({ ...row, occurred_at: day, updated_at: day })
      .select('id')
      .single()
      .throwOnError();
    return data.id;
  };
  const [lost, waiting] = [await queuedSince(4), await queuedSince(2)];
  const nowhere = '00000000-0000-4000-8000-000000000000';
  let forgotten = 0;
  const failed = await runUpkeep({
    clientFor,
    activeTenants: async () => [nowhere, a.id, b.id],
    forgetOld: async () => {
      forgotten += 1;
    },
    removeFile: async () => {},
  });
  assert.deepEqual([failed, forgotten], [[nowhere], 1]);
  const { data } = await client
    .from('communications')
    .select('id, status')
    .in('id', [lost, waiting])
    .throwOnError();
  assert.deepEqual(
    new Map(data.map(({ id, status }) => [id, status])),
    new Map([
      [lost, 'failed'],
      [waiting, 'queued'],
    ]),
  );
});

test('a mail’s id and return path name it, where reports of mails are taken', async () => {
  const returnPaths = new ReturnPaths(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
  const own: MailMessage[] = [];
  const queue = new MailQueue({
    jobs: { ...operations.jobs, send: async () => 'not by the other queue' } as never,
    secretBox,
    transport: { kind: 'smtp', send: async (message) => void own.push(message), close() {} },
    from: 'mail@marquee.example',
    clientFor,
    returnPaths,
    bounceDomain: 'bounces.marquee.example',
  });
  const id = await queue.queue(a.id, { to: 'ann@client.example', subject: 'Named', bodyHtml: '<p>x</p>' });
  await queue.deliver({ tenantId: a.id, communicationId: id ?? '' }, true);
  const named = { tenantId: a.id, communicationId: id };
  assert.deepEqual(returnPaths.find(own[0]?.messageId ?? ''), named);
  assert.deepEqual(returnPaths.find(own[0]?.returnPath ?? ''), named);
  assert.match(own[0]?.returnPath ?? '', /@bounces\.marquee\.example$/);
});

test('a reminder stands with its invoice, and does not go out once that is paid', async () => {
  const account = await add('accounts', { name: 'Prompt', email: 'prompt@client.example' });
  const invoice = await addDueInvoice({ account_id: account });
  const found = await findReminders(client, '2026-06-08', async () => undefined);
  const reminder = found.find(({ key }) => key?.includes(invoice));
  assert.equal(reminder?.about?.invoice_id, invoice);
  const waiting = new MailQueue({
    jobs: { ...operations.jobs, send: async () => 'later' } as never,
    secretBox,
    transport,
    from,
    clientFor,
  });
  const id = (reminder && (await waiting.queue(a.id, reminder))) ?? '';
  await client
    .from('payments')
    .insert({ invoice_id: invoice, amount: 50000, currency: 'USD', method: 'cash', status: 'succeeded' })
    .throwOnError();
  await waiting.deliver({ tenantId: a.id, communicationId: id }, false);
  const { data } = await client.from('communications').select('id').eq('id', id).throwOnError();
  assert.deepEqual(data, []);
  assert.ok(!sent.some(({ to }) => to === 'prompt@client.example'));
});

const noLink = () => Promise.reject(new Error('It has no link.'));

test('a mail whose link can no longer be read has failed in the end, and is sent again with a new one', async () => {
  const jobs = { ...operations.jobs, send: async () => 'later', latest: async () => [] } as never;
  const queue = new MailQueue({ jobs, secretBox, transport, from, clientFor });
  const opens = { kind: 'contract' as const, id: '6f9619ff-8b86-4011-b42d-00cf4fc964ff' };
  const action = { label: 'Read and sign', url: 'https://marquee.example/s/former', opens };
  const id = await queue.queue(a.id, {
    ...{ to: 'ann@client.example', subject: 'Link', bodyHtml: '<p>x</p>', action },
  });
  const job = { tenantId: a.id, communicationId: id ?? '', sealedAction: 'm1.unknown.key' };
  await assert.rejects(queue.deliver(job, false));
  await queue.deliver(job, true);
  const before = await statusOf(id);
  assert.equal(before.status, 'failed');
  // Neither a job that is gone nor one whose link cannot be read keeps the mail from being sent: with a new link.
  for (const kept of [[], [{ data: job }]]) {
    const again: object[] = [];
    const jobs = {
      ...operations.jobs,
      send: async (_: string, data: object) => again.push(data),
      latest: async () => kept,
    } as never;
    const later = new MailQueue({ jobs, secretBox, transport, from, clientFor });
    const refuse = () => Promise.reject(new Error('It was signed.'));
    await assert.rejects(later.again(a.id, id ?? '', client, refuse), /It was signed/);
    assert.deepEqual(await statusOf(id), before);
    const asked: unknown[] = [];
    const remake = async (...given: unknown[]) => {
      asked.push(given);
      return { ...action, url: 'https://marquee.example/s/new' };
    };
    assert.deepEqual(
      await Promise.all([
        later.again(a.id, id ?? '', client, remake),
        later.again(a.id, id ?? '', client, remake),
      ]).then((done) => done.sort()),
      [false, true],
      'once',
    );
    assert.deepEqual(asked, [[opens, null]]);
    assert.equal(again.length, 1);
    const first = sent.length;
    for (let times = 0; times < 2; times += 1) await later.deliver(again[0] as typeof job, false);
    assert.deepEqual(
      sent.slice(first).map(({ html }) => html.includes('https://marquee.example/s/new')),
      [true],
    );
    await client
      .from('communications')
      .update({ ...before })
      .eq('id', id ?? '')
      .throwOnError();
  }
});

test('a mail without a link is sent again without its job', async () => {
  const jobs = { ...operations.jobs, send: async () => 'later', latest: async () => [] } as never;
  const queue = new MailQueue({ jobs, secretBox, transport, from, clientFor });
  const id =
    (await queue.queue(a.id, { to: 'ann@client.example', subject: 'Old', bodyHtml: '<p>x</p>' })) ?? '';
  await client.from('communications').update({ status: 'failed' }).eq('id', id).throwOnError();
  assert.equal(await queue.again(a.id, id, client, noLink), true);
  await queue.deliver({ tenantId: a.id, communicationId: id }, false);
  assert.equal((await statusOf(id)).status, 'sent');
});

test('a failed mail that cannot be queued again stays failed, with its reason', async () => {
  const jobs = {
    ...operations.jobs,
    send: async () => {
      throw new Error('no queue');
    },
    latest: async () => [{ data: { tenantId: a.id } }],
  } as never;
  const id = await mail.queue(a.id, {
    to: 'rejected@client.example',
    subject: 'Again',
    bodyHtml: '<p>x</p>',
  });
  const before = await statusOf(id);
  const queue = new MailQueue({ jobs, secretBox, transport, from, clientFor });
  await assert.rejects(queue.again(a.id, id ?? '', client, noLink, 'new@client.example'), /no queue/);
  assert.deepEqual(await statusOf(id), before);
});
