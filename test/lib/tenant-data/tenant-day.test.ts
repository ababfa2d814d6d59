// A tenant's day is that of its own timezone: in functions, defaults, policies and views, and around clock changes.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, addAccount, addDeal, addLine } from './business';
import { addTenant, createTenantDatabase, type Query } from './tenant-database';

const database = await createTenantDatabase();
const { as, owner } = database;

const setZone = (query: Query, zone: string) =>
  query("update tenant_settings set value = to_jsonb($1::text) where key = 'timezone'", [zone]);

/** The day of an instant, read as a company of each zone. */
async function dayIn(zone: string, instant: string): Promise<string | undefined> {
  const tenant = await addTenant(database);
  return as({ tenant }, async (query) => {
    await setZone(query, zone);
    const [row] = await query<{ day: string }>('select tenancy.day_of($1)::text as day', [instant]);
    return row?.day;
  });
}

test('evening in New York is still today, morning in Auckland already is', async () => {
  // 20:53 in New York and 14:53 of the next day in Auckland are one instant.
  assert.equal(await dayIn('America/New_York', '2026-11-30T01:53:00Z'), '2026-11-29');
  assert.equal(await dayIn('Pacific/Auckland', '2026-11-30T01:53:00Z'), '2026-11-30');
  // 07:30 in Auckland, when it is still yesterday in UTC.
  assert.equal(await dayIn('Pacific/Auckland', '2026-11-29T18:30:00Z'), '2026-11-30');
});

test('documents begin on the tenant’s day, and so does all that means today', async () => {
  // At every instant one of these has another day than UTC.
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const tenant = await addTenant(database);
    await as({ tenant }, async (query) => {
      await setZone(query, zone);
      const [now] = await query<{ day: string }>('select (now() at time zone $1)::date::text as day', [zone]);
      const { deal } = await addDeal(query);
      const quote = await add(query, 'quotes', { opportunity_id: deal, valid_until: now?.day });
      const invoice = await add(query, 'invoices', { account_id: await addAccount(query) });
      await addLine(query, 'quote', quote);
      await query("update quotes set status = 'sent' where id = $1", [quote]);
      await query("update quotes set status = 'declined' where id = $1", [quote]);
      const [revised] = await query<{ id: string }>('select id from revise_quote($1)', [quote]);
      const rows = await query<{ day: string }>(
        `select issue_date::text as day from quotes where id = any ($1)
         union all select issue_date::text from invoices where id = $2
         union all select valid_until::text from quotes where id = $3
         union all select tenancy.today()::text`,
        [[quote, revised?.id], invoice, revised?.id],
      );
      assert.deepEqual(
        rows.map(({ day }) => day),
        Array(5).fill(now?.day),
        zone,
      );
    });
  }
});

test('a day ends where the next begins, in every zone and at every clock change', async () => {
  const zones = [
    'America/New_York',
    'Pacific/Auckland',
    'Europe/Amsterdam',
    // Clocks change at midnight: the day begins at one o’clock, or has 23:30 twice.
    'Africa/Cairo',
    'America/Havana',
    'Asia/Beirut',
    'Australia/Lord_Howe',
    'America/Santiago',
    'Pacific/Apia',
  ];
  const changes = [
    '2011-12-30',
    '2026-03-08',
    '2026-11-01',
    '2026-03-29',
    '2026-10-25',
    '2026-04-24',
    '2026-10-30',
  ];
  const day = fc.oneof(
    fc.constantFrom(...changes),
    fc
      .integer({ min: 0, max: 365 * 12 })
      .map((days) => new Date(Date.UTC(2020, 0, 1 + days)).toISOString().slice(0, 10)),
  );
  for (const zone of zones) {
    const tenant = await addTenant(database);
    await as({ tenant }, async (query) => {
      await setZone(query, zone);
      await fc.assert(
        fc.asyncProperty(day, async (date) => {
          const [row] = await query<Record<string, string>>(
            `select tenancy.day_of(tenancy.midnight($1::date))::text as first,
               tenancy.day_of(tenancy.midnight($1::date) - interval '1 microsecond')::text as before,
               tenancy.midnight($1::date + 1) > tenancy.midnight($1::date) as grows`,
            [date],
          );
          // Apia had no 30 December 2011.
          const skipped = zone === 'Pacific/Apia' && (date === '2011-12-30' || date === '2011-12-31');
          if (!skipped) assert.equal(row?.first, date, `${zone} ${date}`);
          assert.ok(skipped || (row?.before ?? '') < date, `${zone} ${date} begins before it does`);
        }),
        { numRuns: 60 },
      );
    });
  }
});

/** What means the day, or an hour, of the session instead of the tenant. */
const SESSIONS_DAY =
  /\b(current_date|current_time|localtime|localtimestamp|timeofday)\b|(\bnow\(\)|\w+_at|\bcurrent_timestamp)\s*::\s*(date|time|timestamp)\b|cast\s*\(\s*(now\(\)|\w+_at)\s+as\s+(date|timestamp)\b|date_trunc\([^,]+,\s*(now\(\)|\w+_at)\b|extract\s*\(\s*(year|month|day|dow|doy|week|hour)\s+from\s+(now\(\)|\w*\.?\w+_at)\b/i;

test('no function, default, policy, view, check or trigger means the day of the session', async () => {
  const { rows } = await owner.query<{ name: string; text: string }>(`
    with room as (select oid from pg_namespace where nspname in ('public', 'tenancy'))
    select p.oid::regprocedure::text as name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as text
      from pg_proc p where p.pronamespace in (select oid from room)
    union all select d.adrelid::regclass || ' default', pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
      join pg_class c on c.oid = d.adrelid where c.relnamespace in (select oid from room)
    union all select k.conrelid::regclass || ' ' || k.conname, pg_get_constraintdef(k.oid) from pg_constraint k
      where k.connamespace in (select oid from room)
    union all select p.polrelid::regclass || ' ' || p.polname, concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
      from pg_policy p
    union all select t.tgrelid::regclass || ' ' || t.tgname, pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal
    union all select c.oid::regclass::text, pg_get_viewdef(c.oid) from pg_class c
      where c.relkind in ('v', 'm') and c.relnamespace in (select oid from room)
    union all select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
      join pg_class c on c.oid = i.indrelid where c.relnamespace in (select oid from room)`);
  assert.ok(rows.length > 500, `${rows.length} texts`);
  assert.deepEqual(
    rows.filter(({ text }) => SESSIONS_DAY.test(text.replace(/--.*/g, ''))).map(({ name }) => name),
    [],
    'use tenancy.today(), tenancy.day_of(instant) or tenancy.midnight(day)',
  );
});

/** Takes the day of UTC, or of the machine, from an instant. */
const UTC_DAY =
  /toISOString\(\)\s*\.(slice|substring)\(0, ?10\)|toISOString\(\)\.split\('T'\)|[a-z]_at\b[^;\n]{0,30}\.(slice|substring)\(0, ?10\)|(created|updated|paid|sent|signed|accepted)At\b[^;\n]{0,20}\.slice\(0, ?10\)|\.get(Date|Day|Month|FullYear|Hours)\(\)|current_date/;
/** Arithmetic on dates that have no time: days since an epoch, written as UTC. */
const ARITHMETIC = [
  'lib/crm/dates.ts',
  'lib/crm/import/dates.ts',
  'web/hooks/dates/days.ts',
  'web/hooks/dates/period.ts',
];

test('neither the browser nor the server takes the day of UTC or of the machine', async () => {
  const source = path.resolve(import.meta.dirname, '../../../src');
  const offenders: string[] = [];
  for await (const file of glob('{web,server,cli/start,lib/crm}/**/*.{ts,tsx}', { cwd: source })) {
    if (ARITHMETIC.includes(file)) continue;
    const lines = (await readFile(path.join(source, file), 'utf8')).split('\n');
    lines.forEach((line, index) => {
      if (UTC_DAY.test(line)) offenders.push(`${file}:${index + 1} ${line.trim()}`);
    });
  }
  assert.deepEqual(offenders, [], 'use dateIn(timezone, instant)');
});
