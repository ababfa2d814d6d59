// What a copied record has that differs from its model: names, numbers, and how far it has come by the day it is moved to.

/** Whether a day of the model lies at least so many days back once it is moved. */
const past = (day: string, days = 0) => `${day} - c.days < $5::date - ${days}`;
const OPEN_DEAL = `t.closed_at is null and ${past('t.stage_changed_at::date', 60)}`;
const OLD_LEAD = `t.status in ('new', 'contacted', 'qualified') and ${past('t.created_at::date', 60)}`;
const OLD_TASK = `t.status in ('pending', 'in_progress') and ${past('t.due_date', 14)}`;
/** One in 33 stays unpaid for good. */
export const SETTLED = `t.status in ('sent', 'partially_paid') and ${past('t.due_date', 60)} and abs(hashtext(t.id::text || c.number)) % 33 > 0`;

const either = (condition: string, then: string, otherwise: string) =>
  `case when ${condition} then ${then} else ${otherwise} end`;
const earlier = (moment: string) => `${moment} - make_interval(days => c.days)`;

/** By `table.column`, with the model's row as `t` and the copy as `c`. */
export const OVERRIDES: Record<string, string> = {
  'accounts.name': "t.name || '-' || c.family",
  'contacts.last_name': "concat_ws('-', t.last_name, c.family)",
  'leads.last_name': "concat_ws('-', t.last_name, c.family)",
  'leads.status': either(OLD_LEAD, "'lost'", 't.status'),
  'leads.lost_reason': either(OLD_LEAD, "'No answer'", 't.lost_reason'),
  'opportunities.name': "t.name || '-' || c.family",
  'opportunities.stage': either(OPEN_DEAL, "'closed_lost'", 't.stage'),
  'opportunities.probability': either(OPEN_DEAL, '0', 't.probability'),
  'opportunities.closed_at': earlier(
    either(OPEN_DEAL, "t.stage_changed_at + interval '20 days'", 't.closed_at'),
  ),
  'opportunities.close_reason': either(OPEN_DEAL, "'No answer'", 't.close_reason'),
  'events.event_number': "t.event_number || '-' || c.number",
  'events.title': "t.title || '-' || c.family",
  'events.status': either(
    `t.status in ('tentative', 'confirmed', 'in_progress') and ${past('t.end_date')}`,
    "'completed'",
    't.status',
  ),
  'events.payment_status_id': either(
    `t.status <> 'cancelled' and ${past('t.end_date', 60)}`,
    "(select o.id from payment_status_options o where o.tenant_id = $1 and o.rule = 'paid' limit 1)",
    't.payment_status_id',
  ),
  'event_dates.status': either(
    `t.event_id is not null and t.status = 'scheduled' and ${past('t.event_date')}`,
    "'completed'",
    't.status',
  ),
  // Keeps the time of day across daylight saving changes.
  'event_dates.occupied': `tstzrange(${['lower', 'upper']
    .map(
      (end) =>
        `(${end}(t.occupied) at time zone t.timezone - make_interval(days => c.days)) at time zone t.timezone`,
    )
    .join(', ')})`,
  'event_core_task_completion.is_completed': either(past('t.due_date'), 'true', 't.is_completed'),
  'event_core_task_completion.completed_at': either(
    past('t.due_date'),
    earlier('coalesce(t.completed_at, t.due_date::timestamptz)'),
    earlier('t.completed_at'),
  ),
  'quotes.quote_number': "t.quote_number || '-' || c.number",
  'quotes.status': either(
    `t.status in ('draft', 'sent', 'viewed') and ${past('t.valid_until')}`,
    "'expired'",
    't.status',
  ),
  'invoices.invoice_number': "t.invoice_number || '-' || c.number",
  'invoices.status': either(SETTLED, "'paid'", 't.status'),
  'invoices.paid': either(SETTLED, 't.total', 't.paid'),
  'invoices.next_due_date': either(SETTLED, 'null', 't.next_due_date - c.days'),
  'invoices.next_due_amount': either(SETTLED, '0', 't.next_due_amount'),
  'contracts.contract_number': "t.contract_number || '-' || c.number",
  'tasks.status': either(OLD_TASK, "'completed'", 't.status'),
  'tasks.completed_at': earlier(either(OLD_TASK, 't.due_date::timestamptz', 't.completed_at')),
  // Changes of a booking that is not copied are history, too.
  'tenancy.changes.changed_at': earlier('t.changed_at'),
};

/** A column that every table writes alike: addresses and numbers are each record's own, tokens are not copied. */
export function textOf(column: string, value: string): string | undefined {
  if (column === 'email') return `replace(${value}, '@', '.' || c.number || '@')`;
  if (column === 'phone') return `regexp_replace(${value}, '^\\+1 555', '+1 ' || 200 + c.number % 700)`;
  if (/token_hash$|^provider_id$|^idempotency_key$/.test(column)) return 'null';
  return undefined;
}
