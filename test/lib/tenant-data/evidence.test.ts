// What was said, sent, accepted and signed stays so in the database itself, for every role.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { add, addAccount, addDeal, addEvent, addLine } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

test('one deal has one draft, one open quote, one accepted one, and one invoice of it', async () => {
  const { deal, first } = await service(async (query) => {
    const { deal } = await addDeal(query);
    return { deal, first: await add(query, 'quotes', { opportunity_id: deal, status: 'sent' }) };
  });
  await service(async (query) =>
    addLine(query, 'quote', await add(query, 'quotes', { opportunity_id: deal })),
  );
  await assert.rejects(
    service((query) => add(query, 'quotes', { opportunity_id: deal })),
    sqlState('23505'),
    'a second draft',
  );
  // Sent one after another, the newest is the one that is open.
  const [statuses] = await service(async (query) => {
    await query("update quotes set status = 'sent' where opportunity_id = $1 and status = 'draft'", [deal]);
    return query('select array_agg(status order by revision) as all from quotes where opportunity_id = $1', [
      deal,
    ]);
  });
  assert.deepEqual(statuses, { all: ['superseded', 'sent'] });
  const [second] = await service((query) =>
    query<{ id: string }>("select id from quotes where opportunity_id = $1 and status = 'sent'", [deal]),
  );
  await service((query) => query("select accept_quote($1, 'Ada')", [second?.id]));
  await assert.rejects(
    service((query) => query("select accept_quote($1, 'Ada')", [first])),
    sqlState('PT409'),
  );
  await assert.rejects(
    service((query) => add(query, 'quotes', { opportunity_id: deal, status: 'sent' })),
    sqlState('PT409'),
    'nothing is sent beside an accepted quote',
  );
  const account_id = await service(addAccount);
  await service((query) => query('select invoice_from_quote($1)', [second?.id]));
  await assert.rejects(
    service((query) => add(query, 'invoices', { account_id, quote_id: second?.id })),
    sqlState('23505'),
  );
});

test('two who accept two quotes of a deal at once: one is accepted', async () => {
  const quotes = await service(async (query) => {
    const { deal } = await addDeal(query);
    const first = await add(query, 'quotes', { opportunity_id: deal, status: 'sent' });
    const [second] = await query<{ id: string }>('select id from revise_quote($1)', [first]);
    await addLine(query, 'quote', second?.id ?? '');
    return [first, second?.id ?? ''] as const;
  });
  const results = await Promise.allSettled([
    service((query) => query("select accept_quote($1, 'Ada')", [quotes[0]])),
    service(async (query) => {
      await query("update quotes set status = 'sent' where id = $1", [quotes[1]]);
      await query("select accept_quote($1, 'Bob')", [quotes[1]]);
    }),
  ]);
  assert.ok(results.some(({ status }) => status === 'fulfilled'));
  const accepted = await service((query) =>
    query("select id from quotes where id = any ($1) and status = 'accepted'", [quotes]),
  );
  assert.equal(accepted.length, 1);
});

test('another user’s note and a message that was sent are not rewritten', async () => {
  const author = randomUUID();
  const { note, mail, call } = await as({ tenant, role: 'owner', userId: author }, async (query) => {
    const account = await addAccount(query);
    const about = { entity_type: 'account', entity_id: account };
    return {
      note: await add(query, 'notes', { ...about, content: 'They pay late.' }),
      mail: await add(query, 'communications', {
        type: 'email',
        status: 'queued',
        subject: 'Offer',
        to_address: 'a@b.co',
        account_id: account,
      }),
      call: await add(query, 'communications', { type: 'phone', body: 'Agreed', account_id: account }),
    };
  });
  const sales = { tenant, role: 'sales' } as const;
  const change = (sql: string, id: string) =>
    as(sales, (query) => query(`${sql} where id = $1 returning id`, [id]));
  await assert.rejects(change("update notes set content = 'They pay early.'", note), sqlState('PT403'));
  assert.equal((await change('update notes set pinned = true', note)).length, 1);
  for (const column of ['subject', 'body', 'to_address'])
    await assert.rejects(
      change(`update communications set ${column} = 'c@d.co'`, mail),
      sqlState('PT409'),
      column,
    );
  await assert.rejects(change("update communications set status = 'delivered'", mail), sqlState('PT403'));
  assert.equal((await change("update communications set body = 'Agreed, 5 pm'", call)).length, 1);
  await as({ tenant, role: 'owner', userId: author }, (query) =>
    query("update notes set content = 'They pay.' where id = $1", [note]),
  );
});

test('what the system changes is not put down to the user who changed the row last', async () => {
  const userId = randomUUID();
  const event = await as({ tenant, role: 'manager', userId }, addEvent);
  const by = async () =>
    (await service((query) => query('select updated_by from events where id = $1', [event])))[0]?.updated_by;
  assert.equal(await by(), userId);
  await service((query) => query("update events set notes = 'x' where id = $1", [event]));
  assert.equal(await by(), null);
  await service((query) =>
    query("update events set notes = 'y', updated_by = $2 where id = $1", [event, userId]),
  );
  assert.equal(await by(), userId, 'unless it says in whose name');
  const briefed = await as({ tenant, role: 'manager', userId }, (query) =>
    query('select briefed_at, updated_by from mark_briefed($1)', [event]),
  );
  assert.ok(briefed[0]?.briefed_at);
  assert.equal(briefed[0]?.updated_by, userId);
});

test('of a canceled or deleted event no contract is signed and no design answered; of one that is back they are', async () => {
  await service(async (query) => {
    const event = await addEvent(query);
    const contract = await add(query, 'contracts', {
      event_id: event,
      account_id: await addAccount(query),
      title: 'Agreement',
      body_html: '<p>Agreed.</p>',
      status: 'sent',
    });
    const [type] = await query<{ id: string }>('select id from design_item_types limit 1');
    const design = await add(query, 'event_design_items', {
      event_id: event,
      design_item_type_id: type?.id,
      name: 'Strip',
    });
    const sign = () => query("select sign_contract($1, 'Ada', 'Ada', 'I agree.')", [contract]);
    const approve = () => query("select answer_design($1, $2, 'Ada')", [design, event]);
    const off = {
      cancelled: ["status = 'cancelled'", "status = 'tentative'"],
      deleted: ['deleted_at = now()', 'deleted_at = null'],
    };
    for (const [gone, back] of Object.values(off)) {
      await query(`update events set ${gone} where id = $1`, [event]);
      for (const work of [sign, approve]) {
        await query('savepoint before');
        await assert.rejects(work, sqlState('PT409'));
        await query('rollback to before');
      }
      await query(`update events set ${back} where id = $1`, [event]);
    }
    await sign();
    await approve();
  });
});
