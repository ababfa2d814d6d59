// Booths, their equipment and people for the copied dates, day by day: what is free that day goes to one date after another.
import type pg from 'pg';
import { copiedId, isCopy } from './copied-tables';

/** Number of dates that are booked in excess of the booths of a day: businesses overbook by mistake. */
const OVERBOOKED_A_DAY = 1;

/** Copies the booths with their kits until there are as many as wanted. */
export async function addBooths(client: pg.ClientBase, tenantId: string, wanted: number): Promise<void> {
  const { rows } = await client.query<{ own: number }>(
    `select count(*)::int as own from booths b where b.tenant_id = $1 and not ${isCopy('b.id')}`,
    [tenantId],
  );
  const own = rows[0]?.own ?? 0;
  if (own === 0) return;
  const copies = `(select b.id, n.number from (select x.id, row_number() over (order by x.id) as place from booths x
      where x.tenant_id = $1 and not ${isCopy('x.id')}) b, generate_series(1, $2) as n (number)
    where b.place + n.number * ${own} <= $3)`;
  const values = [tenantId, Math.ceil(wanted / own), wanted];
  await client.query(
    `insert into booths (tenant_id, id, booth_type_id, name, status, location_id)
     select b.tenant_id, ${copiedId('b.id', 'c.number')}, b.booth_type_id, b.name || ' ' || c.number + 1, 'ready', b.location_id
     from booths b join ${copies} c on c.id = b.id where b.tenant_id = $1 on conflict do nothing`,
    values,
  );
  await client.query(
    `insert into equipment_items (tenant_id, id, equipment_type_id, asset_tag, name, serial_number, condition, booth_id,
       purchase_date, purchase_price, next_service_due)
     select i.tenant_id, ${copiedId('i.id', 'c.number')}, i.equipment_type_id, i.asset_tag || '-' || c.number, i.name || ' ' || c.number + 1,
       i.serial_number || '-' || c.number, i.condition, ${copiedId('i.booth_id', 'c.number')}, i.purchase_date, i.purchase_price,
       i.next_service_due
     from equipment_items i join ${copies} c on c.id = i.booth_id where i.tenant_id = $1 on conflict do nothing`,
    values,
  );
}

/**
 * Books a booth, its kit and one or two people for each copied date in a period that has none.
 *
 * @param days first and last, ISO
 * @param today ISO: earlier bookings came back, later ones are reserved
 */
export async function bookDates(
  client: pg.ClientBase,
  tenantId: string,
  days: { from: string; to: string; today: string },
  crewUserIds: readonly string[],
): Promise<void> {
  const { from, to, today } = days;
  await client.query(
    `insert into booth_assignments (tenant_id, event_date_id, event_id, booth_id, per, status, overbooked)
     select d.tenant_id, d.id, d.event_id, b.id,
       tstzrange(lower(d.occupied) - make_interval(mins => y.buffer_before_minutes), upper(d.occupied) + make_interval(mins => y.buffer_after_minutes)),
       case when d.event_date < $4::date then 'returned' else 'reserved' end, d.event_date >= $4::date and d.place > n.booths
     from (${DATES_OF_DAYS}) d
     cross join (select count(*) as booths from booths x where x.tenant_id = $1) n
     -- Another booth begins each day, so that late evenings and early mornings do not meet.
     join (select x.*, row_number() over (order by x.id) - 1 as place from booths x where x.tenant_id = $1) b
       on b.place = (d.place + (d.event_date - date '2000-01-01') * (n.booths / 2)) % n.booths
     join booth_types y on y.tenant_id = b.tenant_id and y.id = b.booth_type_id
     where d.place <= n.booths + ${OVERBOOKED_A_DAY}
       and not exists (select from booth_assignments a where a.tenant_id = d.tenant_id and a.event_date_id = d.id)
     on conflict do nothing`,
    [tenantId, from, to, today],
  );
  await client.query(
    `insert into equipment_assignments (tenant_id, event_date_id, event_id, equipment_item_id, booth_assignment_id, per, status, overbooked)
     select a.tenant_id, a.event_date_id, a.event_id, i.id, a.id,
       tstzrange(lower(d.occupied) - make_interval(mins => y.buffer_before_minutes), upper(d.occupied) + make_interval(mins => y.buffer_after_minutes)),
       a.status, a.overbooked
     from event_dates d join booth_assignments a on a.tenant_id = d.tenant_id and a.event_date_id = d.id
     join equipment_items i on i.tenant_id = a.tenant_id and i.booth_id = a.booth_id
     join equipment_types y on y.tenant_id = i.tenant_id and y.id = i.equipment_type_id
     where d.tenant_id = $1 and d.event_date between $2 and $3 and ${isCopy('d.id')}
       and not exists (select from equipment_assignments x where x.tenant_id = a.tenant_id and x.booth_assignment_id = a.id)
     on conflict do nothing`,
    [tenantId, from, to],
  );
  await client.query(
    `insert into event_staff_assignments (tenant_id, event_id, event_date_id, user_id, staff_role_id, status, pay_type, rate_snapshot,
       hours_actual, per)
     select d.tenant_id, d.event_id, d.id, ($5::uuid[])[1 + (d.place * 2 + n) % cardinality($5::uuid[])], r.id,
       case when d.event_date < $4::date + 21 then 'confirmed' else 'invited' end, 'hourly', 2500,
       case when d.event_date < $4::date then 5 + d.place % 4 end, d.occupied
     from (${DATES_OF_DAYS}) d
     join generate_series(0, 1) as n on n = 0 or hashtext(d.id::text) % 10 in (0, 1, 2)
     cross join (select s.id from staff_roles s where s.tenant_id = $1 and s.type = 'event_staff' order by s.name limit 1) r
     where d.place * 2 + n < cardinality($5::uuid[])
       and not exists (select from event_staff_assignments a where a.tenant_id = d.tenant_id and a.event_date_id = d.id)
     on conflict do nothing`,
    [tenantId, from, to, today, crewUserIds],
  );
}

const DATES_OF_DAYS = `
  select x.*, row_number() over (partition by x.event_date order by x.id) as place
  from event_dates x where x.tenant_id = $1 and x.event_date between $2 and $3 and ${isCopy('x.id')}
    and x.event_id is not null and x.status <> 'cancelled'`;
