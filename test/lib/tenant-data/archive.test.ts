// Deleting and restoring: a record leaves its table with everything that goes with it, and comes back whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addAccount, addBooth, addDate, addEquipment, addEvent, confirmEvent, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, owner, tenantA: tenant, tenantB } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const manager = <T>(work: (query: Query) => Promise<T>) => as({ tenant, role: 'manager' }, work);

interface Deleted {
  id: string;
  archived?: string;
  hidden?: boolean;
  refused?: string;
  used_by?: string;
}
interface Restored {
  kind: string;
  record_id: string;
  left: string[];
}

async function remove(kind: string, ...ids: string[]): Promise<Deleted[]> {
  const [row] = await manager((query) =>
    query<{ answer: Deleted[] }>('select delete_records($1, $2) as answer', [kind, ids]),
  );
  return row?.answer ?? [];
}

async function restore(...ids: string[]): Promise<Restored[]> {
  const [row] = await manager((query) =>
    query<{ answer: Restored[] }>('select restore_archived($1) as answer', [ids]),
  );
  return row?.answer ?? [];
}

/** Every row of the tenant that is of or about these ids, by table, without what a restore changes. */
async function everythingOf(ids: string[]): Promise<string[]> {
  const { rows: tables } = await owner.query<{ relname: string }>(
    `select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'public' and relkind = 'r' order by 1`,
  );
  return service(async (query) => {
    const found: string[] = [];
    for (const { relname } of tables) {
      const rows = await query<{ row: string }>(
        `select (to_jsonb(t) - '{version,updated_at,updated_by}'::text[])::text as row from public.${relname} t
         where exists (select from jsonb_each_text(to_jsonb(t)) c where c.value = any ($1)) order by 1`,
        [ids],
      );
      found.push(...rows.map(({ row }) => `${relname} ${row}`));
    }
    return found;
  });
}

test('an event comes back whole: dates, booth with its kit, crew, checklist, designs, notes, tasks, files, history, links to it', async () => {
  const { event, account, file, ids } = await service(async (query) => {
    const contact = await add(query, 'contacts', { first_name: 'Lea' });
    const account = await addAccount(query);
    const opportunity = await add(query, 'opportunities', { name: 'Gala', account_id: account });
    const event = await addEvent(query, {
      title: 'Gala',
      account_id: account,
      primary_contact_id: contact,
      opportunity_id: opportunity,
    });
    await query('update opportunities set converted_event_id = $1 where id = $2', [event, opportunity]);
    const date = await addDate(query, { event_id: event });
    const booth = await addBooth(query);
    const printer = await addEquipment(query, 'serialized', { booth_id: booth });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth, status: 'reserved' });
    const lamps = await addEquipment(query, 'bulk', { quantity: 5 });
    await add(query, 'equipment_assignments', {
      event_date_id: date,
      equipment_item_id: lamps,
      quantity: 3,
      status: 'reserved',
    });
    await add(query, 'event_custom_items', { event_id: event, name: 'Backdrop' });
    await add(query, 'notes', { entity_type: 'event', entity_id: event, content: 'Loud band' });
    await add(query, 'tasks', { title: 'Call', entity_type: 'event', entity_id: event });
    await add(query, 'communications', { event_id: event, subject: 'Hi', type: 'email' });
    const file = await add(query, 'attachments', {
      entity_type: 'event',
      entity_id: event,
      file_name: 'plan.pdf',
      mime_type: 'application/pdf',
      size_bytes: 1,
      storage_key: unique('k'),
    });
    return { event, account, file, ids: [event, date, printer, lamps] };
  });
  // Kit and history have ids of their own.
  const before = await everythingOf([event, ...ids]);
  const historyOf = () =>
    manager((query) =>
      query<{ id: string }>("select id from record_history('events', $1, most => 200)", [event]),
    );
  const history = await historyOf();
  const [gone] = await remove('events', event);
  assert.ok(gone?.archived);
  const left = await everythingOf([event]);
  assert.deepEqual(
    left.map((row) => row.split(' ')[0]),
    ['attachments'],
  );
  const found = await manager((query) => query("select id from search_records('Gala', '{event}')"));
  assert.equal(found.length, 0);
  const [entry] = await manager((query) =>
    query<{ id: string; title: string; parts: Record<string, number> }>(
      "select * from archived_records('events')",
    ),
  );
  assert.deepEqual([entry?.id, entry?.title], [gone.archived, 'Gala']);
  assert.deepEqual([entry?.parts.event_dates, entry?.parts.booth_assignments, entry?.parts.notes], [1, 1, 1]);
  const [back] = await restore(gone.archived);
  assert.deepEqual([back?.record_id, back?.left], [event, []]);
  const withoutOwnIds = (rows: string[]) =>
    rows.map((row) =>
      row.startsWith('equipment_assignments') || row.startsWith('tasks')
        ? row.replace(/"(id|created_at|created_by)": ("[^"]*"|null),? ?/g, '')
        : row,
    );
  assert.deepEqual(
    withoutOwnIds(await everythingOf([event, ...ids])).toSorted(),
    withoutOwnIds(before).toSorted(),
  );
  const kept = new Set((await historyOf()).map(({ id }) => id));
  assert.ok(history.length > 0 && history.every(({ id }) => kept.has(id)));
  assert.ok(account && file);
  await assert.rejects(restore(gone.archived), sqlState('PT404'));
});

test('what was promised to others meanwhile stays cancelled, and the restore says so', async () => {
  const { event, booth } = await service(async (query) => {
    const event = await addEvent(query);
    const booth = await addBooth(query);
    const date = await addDate(query, { event_id: event, event_date: '2028-03-01' });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth, status: 'reserved' });
    await confirmEvent(query, event);
    return { event, booth };
  });
  const [gone] = await remove('events', event);
  await service(async (query) => {
    const date = await addDate(query, { event_date: '2028-03-01' });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth, status: 'reserved' });
  });
  const [back] = await restore(gone?.archived as string);
  assert.equal(back?.left.length, 1);
  assert.match(back?.left[0] ?? '', /is taken from/);
  const rows = await service((query) =>
    query<{ status: string }>('select status from booth_assignments where event_id = $1', [event]),
  );
  assert.deepEqual(rows, [{ status: 'cancelled' }]);
  const [restored] = await service((query) => query('select status from events where id = $1', [event]));
  assert.equal(restored?.status, 'tentative', 'it is confirmed again when something is reserved for it');
});

test('a client whom invoices need is hidden, others are archived; what belongs to a deleted client waits for it', async () => {
  const { billed, free, contact } = await service(async (query) => {
    const billed = await addAccount(query);
    await add(query, 'invoices', { account_id: billed });
    const free = await addAccount(query);
    const contact = await add(query, 'contacts', { first_name: 'Ann' });
    await add(query, 'contact_accounts', { contact_id: contact, account_id: free, role: 'billing' });
    return { billed, free, contact };
  });
  const deleted = await remove('accounts', billed, free);
  assert.equal(deleted[0]?.hidden, true);
  assert.ok(deleted[1]?.archived);
  const [person] = await remove('contacts', contact);
  const listed = await manager((query) =>
    query<{ record_id: string; reason: string }>('select * from archived_records()'),
  );
  assert.equal(listed.find(({ record_id }) => record_id === billed)?.reason, 'hidden');
  assert.deepEqual((await restore(billed))[0]?.left, []);
  assert.deepEqual((await restore(person?.archived as string))[0]?.left, []);
  assert.deepEqual((await restore(deleted[1]?.archived as string))[0]?.left, []);
  const links = await service((query) =>
    query('select role from contact_accounts where contact_id = $1', [contact]),
  );
  assert.deepEqual(links, [{ role: 'billing' }]);
});

test('a record of each kind is deleted and restored; one that others use is refused and says by what', async () => {
  const ids = await service(async (query) => {
    const account = await addAccount(query);
    const booth = await addBooth(query);
    const date = await addDate(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth, status: 'cancelled' });
    const deal = await add(query, 'opportunities', { name: 'D', account_id: account });
    return {
      leads: await add(query, 'leads', { first_name: 'Lee' }),
      opportunities: await add(query, 'opportunities', { name: 'O', account_id: account }),
      quotes: await add(query, 'quotes', { account_id: account, opportunity_id: deal }),
      invoices: await add(query, 'invoices', { account_id: account }),
      tasks: await add(query, 'tasks', { title: 'T' }),
      locations: await add(query, 'locations', { name: unique('L') }),
      equipment_items: await addEquipment(query, 'bulk'),
      products: await add(query, 'products', { name: unique('P') }),
      used: booth,
    };
  });
  for (const [kind, id] of Object.entries(ids)) {
    if (kind === 'used') continue;
    const before = await everythingOf([id]);
    const [gone] = await remove(kind, id);
    assert.ok(gone?.archived, `${kind}: ${gone?.refused}`);
    assert.deepEqual(await everythingOf([id]), [], kind);
    assert.deepEqual((await restore(gone.archived))[0]?.left, [], kind);
    assert.deepEqual(await everythingOf([id]), before, kind);
  }
  const [used] = await remove('booths', ids.used);
  assert.equal(used?.used_by, 'booth_assignments');
});

test('what is checked out is not deleted, with nothing that it belongs to, until it is back', async () => {
  const made = await service(async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event });
    const other = await addDate(query, { event_id: await addEvent(query), event_date: '2027-06-20' });
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized');
    await add(query, 'invoices', {
      event_id: event,
      account_id: (
        await query<{ id: string }>('select account_id as id from events where id = $1', [event])
      )[0]?.id,
    });
    return {
      ...{ event, date, booth, other },
      booking: await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth }),
      piece: await add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: item }),
    };
  });
  const { event, date, booth, booking, piece, other } = made;
  const isOut = async (attempt: Promise<unknown>) =>
    assert.rejects(
      attempt,
      (error) => sqlState('PT409')(error) && /is checked out: check it in/.test((error as Error).message),
    );
  const act = (sql: string, ...values: unknown[]) => manager((query) => query(sql, values));
  await act('select check_out_equipment($1)', piece);
  await isOut(act('delete from equipment_assignments where id = $1', piece));
  await isOut(act('delete from event_dates where id = $1', date));
  await act('select check_in_equipment($1)', piece);
  await act('select check_out_booth($1)', booking);
  await isOut(act('delete from booth_assignments where id = $1', booking));
  await isOut(act('delete from event_dates where id = $1', date));
  await isOut(act('delete from events where id = $1', event));
  await isOut(act('update events set deleted_at = now() where id = $1', event));
  const [refused] = await remove('events', event);
  assert.match(refused?.refused ?? '', /^Booth .* is checked out: check it in/);
  // Nor is it made something else by hand.
  await isOut(act("update booth_assignments set status = 'cancelled' where id = $1", booking));
  await isOut(act('update booth_assignments set event_date_id = $2 where id = $1', booking, other));
  await act("update booth_assignments set notes = 'At the back door' where id = $1", booking);
  const [kept] = await service((query) =>
    query('select status, booth_id from booth_assignments where id = $1', [booking]),
  );
  assert.deepEqual(kept, { status: 'checked_out', booth_id: booth });
  await act('select check_in_booth($1)', booking);
  assert.deepEqual(await remove('events', event), [{ id: event, hidden: true }]);
  await act('delete from event_dates where id = $1', date);
});

test('only those who may delete see and restore what was deleted, and only of their company', async () => {
  const lead = await service((query) => add(query, 'leads', { first_name: 'Secret' }));
  const [gone] = await remove('leads', lead);
  for (const role of ['sales', 'staff', 'viewer'] as const) {
    await assert.rejects(
      as({ tenant, role }, (query) => query('select * from archived_records()')),
      sqlState('PT403'),
    );
    await assert.rejects(
      as({ tenant, role }, (query) => query('select restore_archived($1)', [[gone?.archived]])),
      sqlState('PT403'),
    );
    await assert.rejects(
      as({ tenant, role }, (query) => query('select * from tenancy.archive')),
      sqlState('42501'),
    );
  }
  const other = { tenant: tenantB, role: 'owner' as const };
  assert.deepEqual(await as(other, (query) => query('select * from archived_records()')), []);
  await assert.rejects(
    as(other, (query) => query('select restore_archived($1)', [[gone?.archived]])),
    sqlState('PT404'),
  );
  // The setting alone turns no trigger off.
  const stamped = await service(async (query) => {
    await query("select set_config('tenancy.restoring', $1, true)", [gone?.archived]);
    return query<{ version: number }>(
      "insert into leads (first_name, version) values ('X', 9) returning version",
    );
  });
  assert.deepEqual(stamped, [{ version: 1 }]);
});

test('after thirty days it is deleted for good, once its files are', async () => {
  const lead = await service(async (query) => {
    const lead = await add(query, 'leads', { first_name: 'Old' });
    await add(query, 'attachments', {
      entity_type: 'lead',
      entity_id: lead,
      file_name: 'x.pdf',
      mime_type: 'application/pdf',
      size_bytes: 1,
      storage_key: unique('k'),
    });
    return lead;
  });
  const [gone] = await remove('leads', lead);
  await service(async (query) => {
    await query("update tenancy.archive set archived_at = now() - interval '31 days' where id = $1", [
      gone?.archived,
    ]);
    const files = await query<{ id: string }>('select id from expired_files()');
    assert.equal(files.length, 1);
    await query('select purge_archive()');
    assert.equal((await query('select id from tenancy.archive where id = $1', [gone?.archived])).length, 1);
    await query('delete from attachments where id = $1', [files[0]?.id]);
    await query('select purge_archive()');
    assert.equal((await query('select id from tenancy.archive where id = $1', [gone?.archived])).length, 0);
  });
});
