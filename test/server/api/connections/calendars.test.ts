import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { loadBusyTimes, loadEntries } from '@/lib/crm/calendar';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany();
const deal = await makeDeal(company, 'Feed party');
const service = await company.service();

/** The deal's event, with the staff member confirmed. */
const eventId = await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
  const event = await query<{ id: string }>('select id from convert_opportunity($1)', [deal.opportunityId]);
  await query(
    `insert into event_staff_assignments (event_id, event_date_id, user_id, staff_role_id, start_time, end_time, status)
     select $1, d.id, $2, (select id from staff_roles where type = 'event_staff' limit 1), d.start_time, d.end_time, 'confirmed'
     from event_dates d where d.event_id = $1`,
    [event.rows[0]?.id, company.userIds['a:staff']],
  );
  return event.rows[0]?.id ?? '';
});

/** Sets the company's time zone. @returns the former one */
async function setZone(zone: string): Promise<string> {
  return company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const { rows } = await query<{ zone: string }>('select tenancy.default_timezone() as zone');
    await query(
      `insert into tenant_settings (key, value) values ('timezone', to_jsonb($1::text))
       on conflict (tenant_id, key) do update set value = excluded.value`,
      [zone],
    );
    return rows[0]?.zone ?? '';
  });
}

test('a person’s calendar shows their shifts at a secret address', async () => {
  const made = await bodyOf<{ id: string; url: string }>(
    await company.ask('a:staff', 'POST', '/api/calendar-feeds', { name: 'My shifts' }),
    201,
  );
  const feed = await company.ask('anonymous', 'GET', made.url);
  assert.equal(feed.status, 200);
  assert.match(feed.headers.get('content-type') ?? '', /^text\/calendar/);
  const text = await feed.text();
  assert.match(text, /^BEGIN:VCALENDAR/);
  assert.match(text, /SUMMARY:Feed party/);
  const { data: date } = await service
    .from('event_dates')
    .select('occupied')
    .eq('event_id', eventId)
    .single();
  const start = /"([^"]+)"/
    .exec(date?.occupied ?? '')?.[1]
    ?.replace(/[- :]/g, '')
    .slice(0, 12);
  assert.equal(/DTSTART:(\d{8})T(\d{4})/.exec(text)?.slice(1).join(''), start);

  const stored = JSON.stringify((await service.from('saved_views').select('*')).data);
  assert.ok(!stored.includes(made.url.split('/calendar/')[1]?.slice(22, -4) ?? '?'));
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/calendar-feeds/${made.id}`)).status, 404);
  assert.equal((await company.ask('a:staff', 'DELETE', `/api/calendar-feeds/${made.id}`)).status, 204);
  assert.equal((await company.ask('anonymous', 'GET', made.url)).status, 404);
});

test('a booth’s calendar as busy says when, not what', async () => {
  const made = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', '/api/calendar-feeds', {
      name: 'Booth',
      boothId: deal.boothId,
      detail: 'busy',
    }),
    201,
  );
  const text = await (await company.ask('anonymous', 'GET', made.url)).text();
  assert.match(text, /SUMMARY:Busy/);
  assert.doesNotMatch(text, /Feed party/);
  const from = '2020-01-01';
  const { busy } = await bodyOf<{ busy: unknown[] }>(
    await company.ask(
      'a:sales',
      'GET',
      `/api/calendar-feeds/free-busy?boothId=${deal.boothId}&from=${from}&to=2100-01-01`,
    ),
    200,
  );
  assert.equal(busy.length, 1);
});

test('a renewed address opens the same calendar, and the former nothing', async () => {
  const before = await bodyOf<{ id: string; url: string }>(
    await company.ask('a:staff', 'POST', '/api/calendar-feeds', { name: 'On my phone' }),
    201,
  );
  assert.equal((await company.ask('a:owner', 'POST', `/api/calendar-feeds/${before.id}/renew`)).status, 404);
  const after = await bodyOf<{ id: string; url: string }>(
    await company.ask('a:staff', 'POST', `/api/calendar-feeds/${before.id}/renew`),
    200,
  );
  assert.equal(after.id, before.id);
  assert.equal((await company.ask('anonymous', 'GET', before.url)).status, 404);
  assert.match(await (await company.ask('anonymous', 'GET', after.url)).text(), /SUMMARY:Feed party/);
});

test('another company’s booth has no feed here; a feed ends with its owner’s account', async () => {
  const foreign = await company.ask('b:owner', 'POST', '/api/calendar-feeds', {
    name: 'x',
    boothId: deal.boothId,
  });
  assert.equal(foreign.status, 404);
  const made = await bodyOf<{ url: string }>(
    await company.ask('a:viewer', 'POST', '/api/calendar-feeds', { name: 'Booth', boothId: deal.boothId }),
    201,
  );
  assert.equal((await company.ask('anonymous', 'GET', made.url)).status, 200);
  await company.application.users.update(company.userIds['a:viewer'] ?? '', { status: 'disabled' });
  assert.equal((await company.ask('anonymous', 'GET', made.url)).status, 404);
});

test('a booth taken off an event, or a hold past its time, is cancelled in the calendars that show it', async () => {
  const { booking_id } = await service
    .from('booth_assignments')
    .select('booking_id:id')
    .eq('booth_id', deal.boothId)
    .limit(1)
    .single()
    .throwOnError()
    .then(({ data }) => data);
  const made = await bodyOf<{ url: string }>(
    await company.ask('a:owner', 'POST', '/api/calendar-feeds', { name: 'Taken off', boothId: deal.boothId }),
    201,
  );
  const statusAfter = async (changes: object) => {
    await service.from('booth_assignments').update(changes).eq('id', booking_id).throwOnError();
    const text = await (await company.ask('anonymous', 'GET', made.url)).text();
    const entry = text.split('BEGIN:VEVENT').find((part) => part.includes(`UID:${booking_id}`));
    return /STATUS:(\w+)/.exec(entry ?? '')?.[1];
  };
  assert.equal(await statusAfter({ status: 'cancelled' }), 'CANCELLED');
  const soon = new Date(Date.now() + 86_400_000).toISOString();
  assert.equal(await statusAfter({ status: 'hold', hold_expires_at: soon }), 'TENTATIVE');
  assert.equal(await statusAfter({ hold_expires_at: '2020-01-01T00:00:00Z' }), 'CANCELLED');
  assert.match((await statusAfter({ status: 'reserved' })) ?? '', /^(CONFIRMED|TENTATIVE)$/);
});

test('days of free-busy are those of the company, and what came back stays in a calendar', async (context) => {
  const [booth] = await service
    .from('booths')
    .insert({
      name: 'Came back',
      booth_type_id: (await service.from('booth_types').select('id').limit(1).single()).data?.id,
    })
    .select('id')
    .throwOnError()
    .then(({ data }) => data);
  const zone = await setZone('America/Los_Angeles');
  context.after(() => setZone(zone));
  const dateId = await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    // 20:00 to 23:00 there is the next day in UTC.
    const date = await query<{ id: string }>(
      `insert into event_dates (event_id, event_date, start_time, end_time, timezone)
       values ($1, current_date - 3, '20:00', '23:00', 'America/Los_Angeles') returning id`,
      [eventId],
    );
    await query(
      `insert into booth_assignments (event_date_id, booth_id, status, checked_in_at)
       select d.id, $2, 'returned', upper(d.occupied) + interval '9 hours' from event_dates d where d.id = $1`,
      [date.rows[0]?.id, booth?.id],
    );
    return date.rows[0]?.id;
  });
  const { data: date } = await service
    .from('event_dates')
    .select('event_date')
    .eq('id', dateId)
    .single()
    .throwOnError();
  const busyOn = async (from: string, to: string) => {
    const answer = await company.ask(
      'a:sales',
      'GET',
      `/api/calendar-feeds/free-busy?boothId=${booth?.id}&from=${from}&to=${to}`,
    );
    return (await bodyOf<{ busy: unknown[] }>(answer, 200)).busy.length;
  };
  const day = (shift: number) =>
    new Date(Date.parse(date.event_date) + shift * 86_400_000).toISOString().slice(0, 10);
  assert.deepEqual(
    [await busyOn(day(-1), day(-1)), await busyOn(day(0), day(0)), await busyOn(day(1), day(1))],
    [0, 1, 0],
  );
  const made = await bodyOf<{ url: string }>(
    await company.ask('a:owner', 'POST', '/api/calendar-feeds', { name: 'Came back', boothId: booth?.id }),
    201,
  );
  assert.match(
    await (await company.ask('anonymous', 'GET', made.url)).text(),
    /STATUS:(CONFIRMED|TENTATIVE)/,
  );
});

test('of more than a calendar shows, what is to come is kept: the soonest, then what was last', async () => {
  const person = randomUUID();
  await company.manager.withTenantTransaction(company.tenantIds.a, ({ query }) =>
    query(
      `with date as (
         insert into event_dates (event_id, event_date, start_time, end_time)
         select $1, current_date + shift, '10:00', '12:00' from unnest(array[-200, -40, -30, -20, 10, 20, 30]) shift returning id, event_id)
       insert into event_staff_assignments (event_id, event_date_id, user_id, staff_role_id, status)
       select d.event_id, d.id, $2, (select id from staff_roles where type = 'event_staff' limit 1), 'accepted' from date d`,
      [eventId, person],
    ),
  );
  const daysOf = async (most: number) =>
    (await loadEntries(service, { kind: 'user', id: person }, most)).map(
      ({ start }) => Math.round((Date.parse(start) - Date.now()) / 86_400_000 / 10) * 10,
    );
  assert.deepEqual(await daysOf(2), [10, 20]);
  assert.deepEqual(await daysOf(4), [-20, 10, 20, 30]);
  assert.deepEqual(await daysOf(9), [-40, -30, -20, 10, 20, 30]);
  // Free-busy answers for any days.
  const long = new Date(Date.now() - 200 * 86_400_000).toISOString().slice(0, 10);
  const days = { from: long, to: long };
  assert.equal((await loadBusyTimes(service, { kind: 'user', id: person }, days)).length, 1);
});

test('a cancelled event is shown as cancelled, so that calendars strike it out', async () => {
  const made = await bodyOf<{ url: string }>(
    await company.ask('a:staff', 'POST', '/api/calendar-feeds', { name: 'Cancelled' }),
    201,
  );
  await service
    .from('events')
    .update({ status: 'cancelled', cancel_reason: 'rain' })
    .eq('id', eventId)
    .throwOnError();
  const text = await (await company.ask('anonymous', 'GET', made.url)).text();
  assert.match(text, /STATUS:CANCELLED/);
});
