// Notes, files and tasks about entities of any kind; what users may not write by hand.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { add, addAccount, addDate, addDeal, addEvent } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

test('a note is about something that exists, of a kind that is known', async () => {
  const refused = (entity_type: string, code: string) =>
    assert.rejects(
      service((query) => add(query, 'notes', { entity_type, entity_id: randomUUID(), content: 'x' })),
      sqlState(code),
    );
  await refused('account', '23503');
  await refused('spaceship', 'PT400');
  await refused('account; drop table accounts', 'PT400');
});

test('notes are short enough to read, and in any script', async () => {
  await service(async (query) => {
    const account = await addAccount(query);
    const text = 'שלום \u{1F389} مرحبا';
    const note = await add(query, 'notes', { entity_type: 'account', entity_id: account, content: text });
    assert.deepEqual(await query('select content from notes where id = $1', [note]), [{ content: text }]);
  });
  await assert.rejects(
    service(async (query) =>
      add(query, 'notes', {
        entity_type: 'account',
        entity_id: await addAccount(query),
        content: 'x'.repeat(10_000_000),
      }),
    ),
    sqlState('23514'),
  );
});

test('what is deleted takes its notes along and frees its tasks', async () => {
  await service(async (query) => {
    const account = await addAccount(query);
    await add(query, 'notes', { entity_type: 'account', entity_id: account, content: 'x' });
    const task = await add(query, 'tasks', { title: 'Call', entity_type: 'account', entity_id: account });
    await query('delete from accounts where id = $1', [account]);
    assert.deepEqual(await query('select 1 from notes where entity_id = $1', [account]), []);
    assert.deepEqual(await query('select entity_id from tasks where id = $1', [task]), [{ entity_id: null }]);
  });
});

test('what others need is not deleted: accounts with events, and, where it is not archived, what has files', async () => {
  const { account, withFile } = await service(async (query) => {
    const account = await addAccount(query);
    const event = await addEvent(query, { account_id: account });
    await addDate(query, { event_id: event });
    const withFile = await addAccount(query);
    await add(query, 'attachments', {
      entity_type: 'account',
      entity_id: withFile,
      file_name: 'a.pdf',
      mime_type: 'application/pdf',
      size_bytes: 5,
      storage_key: randomUUID(),
    });
    return { account, withFile };
  });
  const remove = (id: string) =>
    as({ tenant, role: 'owner' }, (query) => query('delete from accounts where id = $1', [id]));
  await assert.rejects(remove(account), sqlState('23503'));
  await assert.rejects(
    service((query) => query('delete from accounts where id = $1', [withFile])),
    sqlState('PT409'),
  );
  // A user's deletion is archived: the files wait for it to be restored.
  await remove(withFile);
  const files = await service((query) =>
    query('select id from attachments where entity_id = $1', [withFile]),
  );
  assert.equal(files.length, 1);
});

test('of two who edit one record, the second learns that it changed', async () => {
  await service(async (query) => {
    const account = await addAccount(query);
    const edit = (name: string) =>
      query('update accounts set name = $2 where id = $1 and version = 1 returning version', [account, name]);
    assert.deepEqual(await edit('First'), [{ version: 2 }]);
    assert.deepEqual(await edit('Second'), []);
  });
});

test('users cannot write by hand that something was converted, accepted or signed', async () => {
  const { deal, quote, contract, event, lead } = await service(async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal, status: 'sent' });
    const contract = await add(query, 'contracts', {
      account_id: await addAccount(query),
      title: 'Contract',
      body_html: 'x',
      status: 'sent',
    });
    const lead = await add(query, 'leads', { first_name: 'Ada' });
    return { deal, quote, contract, lead, event: await addEvent(query) };
  });
  for (const [code, sql, values] of [
    ['PT403', "update quotes set status = 'accepted' where id = $1", [quote]],
    ['PT403', "update quotes set status = 'viewed' where id = $1", [quote]],
    ['PT403', "update contracts set status = 'signed' where id = $1", [contract]],
    ['42501', "update contracts set signature = 'x', signed_at = now() where id = $1", [contract]],
    ['PT403', "update leads set status = 'converted' where id = $1", [lead]],
    ['42501', 'update opportunities set converted_event_id = $2 where id = $1', [deal, event]],
    ['PT403', "insert into quotes (opportunity_id, status) values ($1, 'accepted')", [deal]],
  ] as const)
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(sql, [...values])),
      sqlState(code),
    );
  const [accepted] = await as({ tenant, role: 'sales' }, (query) =>
    query("select status from accept_quote($1, 'Ada')", [quote]),
  );
  assert.deepEqual(accepted, { status: 'accepted' });
});
