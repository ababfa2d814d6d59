import { INITIAL_SETTINGS } from '@/lib/initial-settings';
import { dateIn } from '../dates';
import { makeCatalogue } from './catalogue';
import { addEveryDay } from './every-day';
import { Random } from './random';
import { Rows, type RowTarget } from './rows';
import type { QuoteEnd } from './sales';
import { Story } from './story';
import { addTemplates } from './templates';

export { type FillOptions, fillCompany } from './fill';

export interface DemoCompanyOptions {
  /** Same seed, same company. */
  seed: number;
  /** How many events the year has, at least those of every day; a real small company has 100 to 200. */
  events: number;
  /** ISO date that stands for today; the day in `timezone` unless said. */
  today?: string;
  name: string;
  primaryColor?: string;
  /** IANA name. */
  timezone?: string;
  /** ISO 4217. */
  currency?: string;
  /** The tenant's users (application database) who sell and who work at events. */
  salesUserIds: string[];
  crewUserIds: string[];
}

/** How many of each were made. */
export interface DemoCompany {
  events: number;
  invoices: number;
  payments: number;
}

/** A tenant transaction in the tenant's context that can also read. */
export interface DemoTarget extends RowTarget {
  query<T = unknown>(sql: string, values?: unknown[]): Promise<{ rows: T[] }>;
}

/**
 * Fills a freshly provisioned tenant with a year of a real-looking company: seasons, cancellations, late payers, crews.
 * Deterministic; the database's own rules number, total and book. Run it inside one tenant transaction as the service.
 */
export async function seedDemoCompany(target: DemoTarget, options: DemoCompanyOptions): Promise<DemoCompany> {
  const { timezone = 'America/New_York', currency = 'USD' } = options;
  const today = options.today ?? dateIn(timezone, new Date());
  const random = new Random(options.seed);
  const rows = new Rows();
  await writeSettings(target, options.name, options.primaryColor ?? '#b4235a', timezone, currency);
  const { rows: eventTypes } = await target.query<{
    id: string;
    categoryId: string;
    name: string;
    slug: string;
  }>('select id, category_id as "categoryId", name, slug from public.event_types order by category_id, slug');
  const { rows: roles } = await target.query<{ id: string }>(
    "select id from public.staff_roles where name = 'Booth attendant'",
  );
  addTemplates(rows);
  const catalogue = makeCatalogue(rows, random, today);
  const story = new Story(rows, random, catalogue, {
    today,
    timezone,
    currency,
    salesUserIds: options.salesUserIds,
    crewUserIds: options.crewUserIds,
    eventTypes: eventTypes.toSorted((a, b) => a.slug.localeCompare(b.slug)),
    staffRoleId: roles[0]?.id ?? '',
  });
  addEveryDay(story, options.crewUserIds);
  while (rows.count('events') < options.events) {
    story.addEvent();
    if (random.chance(0.8)) story.addInquiry();
    if (random.chance(0.15)) story.addOpenDeal();
    if (random.chance(0.3)) story.addLostDeal();
  }
  for (const userId of options.crewUserIds)
    rows.add('user_role_history', { user_id: userId, role: 'staff', effective: '[2020-01-01,)' });
  const [events, invoices] = [rows.count('events'), rows.count('invoices')];
  await rows.write(target, ORDER);
  await book(target, story);
  await settle(target, story);
  await prepare(target, today);
  await giveTimeOff(target, story);
  return { events, invoices, payments: story.invoices.paid.length };
}

/** Parents before children. */
const ORDER = [
  'templates',
  'user_role_history',
  'equipment_types',
  'booth_types',
  'booths',
  'equipment_items',
  'packages',
  'add_ons',
  'products',
  'locations',
  'accounts',
  'contacts',
  'contact_accounts',
  'leads',
  'opportunities',
  'opportunity_line_items',
  'quotes',
  'quote_line_items',
  'events',
  'event_dates',
  'event_staff_assignments',
  'invoices',
  'invoice_line_items',
  'communications',
  'notes',
  'tasks',
];

async function writeSettings(
  target: RowTarget,
  name: string,
  color: string,
  timezone: string,
  currency: string,
): Promise<void> {
  const company = {
    name,
    lines: ['48 Harbor Street', 'Riverton'],
    email: 'hello@example.com',
    phone: '+1 555 0100',
    primary_color: color,
  };
  const settings = {
    company,
    timezone,
    currency,
    tax: { name: 'Sales tax', rate: 0.0825, prices_include_tax: false },
    inquiry_form: { ...INITIAL_SETTINGS.inquiry_form, enabled: true, shows_availability: true },
    payment_instructions:
      'By bank transfer to First Bank of Riverton, account 000 123 456, with the invoice number.',
  };
  for (const [key, value] of Object.entries(settings)) {
    await target.query(
      'insert into public.tenant_settings (key, value) values ($1, $2::jsonb) on conflict (tenant_id, key) do update set value = excluded.value',
      [key, JSON.stringify(value)],
    );
  }
}

/** Booths go where the dates need them, with the period that the database works out for a date. */
async function book(target: RowTarget, story: Story): Promise<void> {
  await inParts(
    target,
    `insert into public.booth_assignments (event_date_id, event_id, booth_id, per, status)
     select d.id, d.event_id, b.booth_id, d.occupied, b.status
     from jsonb_to_recordset($1::jsonb) as b (event_date_id uuid, booth_id uuid, status text)
     join public.event_dates d on d.id = b.event_date_id
     on conflict do nothing`,
    story.boothBookings.map((booking) => ({
      event_date_id: booking.eventDateId,
      booth_id: booking.boothId,
      status: booking.status,
    })),
  );
  await target.query(
    `update public.events e set status = 'tentative'
     where e.status = 'confirmed' and e.id not in (
       select tenancy.reserved_events(array(select c.id from public.events c where c.status = 'confirmed')))`,
  );
}

/** The coming events have their checklist and a design each, as far along as their date asks for. */
async function prepare(target: RowTarget, today: string): Promise<void> {
  const coming = "e.status in ('tentative', 'confirmed') and e.start_date >= $1";
  await target.query(`select public.make_checklist(e.id) from public.events e where ${coming}`, [today]);
  await target.query(
    `update public.event_core_task_completion c set is_completed = true, completed_at = $1::date
     from public.events e where c.event_id = e.id and ${coming} and (e.start_date - $1::date) < c.display_order * 6 + 4
       and mod(e.guest_count / 10, 5) >= c.display_order - 1`,
    [today],
  );
  await target.query(
    `insert into public.event_design_items (event_id, design_item_type_id, name, design_status_id)
     select e.id, t.id, t.name, (select s.id from public.design_statuses s order by s.display_order offset mod(e.guest_count / 10, 5) limit 1)
     from public.events e join public.design_item_types t on t.is_auto_added where ${coming}
       and not exists (select from public.event_design_items i where i.event_id = e.id)`,
    [today],
  );
}

async function giveTimeOff(target: RowTarget, story: Story): Promise<void> {
  for (const { userId, firstDay, lastDay, reason } of story.timeOff)
    await target.query(
      'select public.enter_time_off(first_day => $1, last_day => $2, person => $3, reason => $4)',
      [firstDay, lastDay, userId, reason],
    );
}

/** Quotes and invoices are sent, and paid as far as each client has: drafts until here, frozen from here. */
async function settle(target: DemoTarget, story: Story): Promise<void> {
  const { rows: drafts } = await target.query<{ id: string; notes: QuoteEnd }>(
    "select id, notes from public.quotes where status = 'draft' and notes is not null order by id",
  );
  await inParts(
    target,
    `update public.quotes q set status = case notes when 'revised' then 'sent' else notes end, notes = null, sent_at = issue_date,
       viewed_at = case when notes in ('viewed', 'accepted', 'declined') then issue_date end,
       accepted_at = case notes when 'accepted' then issue_date end, declined_at = case notes when 'declined' then issue_date end
     from jsonb_to_recordset($1::jsonb) as d (id uuid) where q.id = d.id`,
    drafts,
  );
  for (const { id } of drafts.filter(({ notes }) => notes === 'revised')) {
    const { rows } = await target.query<{ id: string }>('select id from public.revise_quote($1)', [id]);
    await target.query("update public.quotes set status = 'sent' where id = $1", [rows[0]?.id]);
  }
  await inParts(
    target,
    `update public.invoices i set status = 'sent', sent_at = i.issue_date
     from jsonb_to_recordset($1::jsonb) as s (id uuid) where i.id = s.id and i.total > 0`,
    story.invoices.sent,
  );
  for (const share of [0.5, 1]) {
    await inParts(
      target,
      `insert into public.payments (invoice_id, amount, currency, method, paid_at)
       select i.id, case when p.share < 1 then (i.total * p.share)::bigint else i.balance end, i.currency, p.method, p."paidAt"
       from jsonb_to_recordset($1::jsonb) as p ("invoiceId" uuid, share numeric, "paidAt" timestamptz, method text)
       join public.invoices i on i.id = p."invoiceId" and i.balance > 0 and i.status <> 'draft'`,
      story.invoices.paid.filter((payment) => payment.share === share),
    );
  }
  await inParts(
    target,
    `update public.invoices i set status = s.status from jsonb_to_recordset($1::jsonb) as s (id uuid, status text) where i.id = s.id`,
    story.invoices.ended,
  );
  // What happened in the past year is no news.
  await target.query('delete from tenancy.notices');
}

/** Rows of one statement: on a busy machine many take longer than a statement may. */
const ROWS_AT_ONCE = 50;

/** Runs a statement for some rows at a time, its `$1` as JSON. */
async function inParts(target: RowTarget, sql: string, rows: readonly object[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await target.query(sql, [JSON.stringify(rows.slice(from, from + ROWS_AT_ONCE))]);
}
