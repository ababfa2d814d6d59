// The tables `alerts`, `alert_deliveries` and `alert_rules` of the operations database.
import type pg from 'pg';
import type { AuditRecord } from '@/lib/application';
import type { Message, MessageDescriptor } from '@/lib/failures';
import { DEFAULT_RULES } from './default-rules';
import { AlertError } from './errors';
import { Rule, type Severity } from './rule';

/** The parts of the record that an alert shows. Secrets appear as fingerprints, as in the audit log. */
export type AlertDetail = Partial<Omit<AuditRecord, 'id' | 'occurredAt' | 'tenantId' | 'requestId'>> & {
  /** ISO 8601. */
  occurredAt?: string;
  /** Findings of a verification of the audit log. */
  findings?: string[];
  /** The title as code and values; undefined if the operator wrote it. */
  says?: MessageDescriptor;
};

export interface NewAlert {
  rule: Rule;
  /** Occurrences with the same cause are one alert, until it is acknowledged. */
  cause: string;
  title: string;
  tenantId: string | null;
  /** The record of the audit log; null if the alert is about the log itself. */
  recordId: string | null;
  detail: AlertDetail;
}

export interface Alert {
  id: string;
  rule: string;
  severity: Severity;
  cause: string;
  title: string;
  tenantId: string | null;
  recordId: string | null;
  detail: AlertDetail;
  occurrences: number;
  raisedAt: Date;
  lastSeenAt: Date;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  note: string | null;
}

/** The delivery of an alert by a channel. */
export interface Delivery {
  channel: string;
  attempts: number;
  deliveredAt: Date | null;
  lastError: string | null;
}

export interface AlertFilter {
  all?: boolean;
  /** Default 100. */
  limit?: number;
  before?: string | undefined;
  /** The critical ones first, so that none is left out for many others. Not with `before`. */
  worstFirst?: boolean;
}

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Maximum number of alerts of one rule that are sent within an hour. Further alerts are only listed, since a flood of mail is not read. */
export const MOST_SENT_PER_HOUR = 20;
/** Hours after which an open alert whose cause persists is sent again. */
const REMIND_HOURS = 24;

export const ALERT_COLUMNS = `a.id, a.rule, a.severity, a.cause, a.title, a.tenant_id "tenantId", a.record_id::text "recordId", a.detail,
  a.occurrences, a.raised_at "raisedAt", a.last_seen_at "lastSeenAt", a.acknowledged_at "acknowledgedAt",
  a.acknowledged_by "acknowledgedBy", a.note`;

/**
 * Raises an alert, or counts one more occurrence of an open one. Deliveries are queued in the same transaction, so that another process
 * sends them if this one ends.
 *
 * @param channels names of the channels that the alert is sent by
 * @returns whether the alert is new
 */
export async function raise(
  client: Queryable,
  alert: NewAlert,
  channels: readonly string[],
): Promise<boolean> {
  const { rule, title, tenantId, recordId, detail } = alert;
  const cause = alert.cause.slice(0, 300);
  const { rows: known } = await client.query<{ id: string; open: boolean }>(
    `update alerts set occurrences = occurrences + 1, last_seen_at = now(),
       detail = case when acknowledged_at is null
         then $4::jsonb || jsonb_strip_nulls(jsonb_build_object('says', detail -> 'says')) else detail end
     where id = (
       select id from alerts where rule = $1 and cause = $2
         and (acknowledged_at is null or acknowledged_at > now() - make_interval(mins => $3))
       order by acknowledged_at nulls first limit 1)
     returning id, acknowledged_at is null open`,
    [rule.name, cause, rule.quietMinutes, JSON.stringify(detail)],
  );
  const [former] = known;
  if (former) {
    if (former.open) await remind(client, former.id);
    return false;
  }
  const { rows } = await client.query<{ id: string; is_new: boolean }>(
    `insert into alerts as a (rule, severity, cause, title, tenant_id, record_id, detail) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (rule, cause) where acknowledged_at is null do update set occurrences = a.occurrences + 1, last_seen_at = now()
     returning id, xmax = 0 is_new`,
    [rule.name, rule.severity, cause, title, tenantId, recordId, JSON.stringify(detail)],
  );
  const [raised] = rows;
  if (!raised?.is_new) return false;
  await client.query(
    `insert into alert_deliveries (alert_id, channel)
     select $1, channel from unnest($2::text[]) channel
     where $3 > (
       select count(distinct a.id) from alerts a join alert_deliveries on alert_id = a.id
       where rule = $4 and raised_at > now() - interval '1 hour')`,
    [raised.id, channels, MOST_SENT_PER_HOUR, rule.name],
  );
  return true;
}

/** The actor who acknowledges an alert whose condition is over. */
export const SYSTEM = 'system:recovered';

/**
 * Ends open alerts because their condition is over, and notifies the channels that they were sent by.
 *
 * @param note the reason, see `over`
 */
export async function resolve(
  client: Queryable,
  { rule, cause }: { rule: string; cause: string },
  note: Message,
): Promise<void> {
  await client.query(
    `with over as (
       update alerts set acknowledged_at = now(), acknowledged_by = $3, note = $4
       where rule = $1 and cause = $2 and acknowledged_at is null returning id)
     update alert_deliveries d set delivered_at = null, attempts = 0, last_error = null, due_at = now() from over where d.alert_id = over.id`,
    [rule, cause.slice(0, 300), SYSTEM, note.text],
  );
}

/** Whether an alert ended by itself, because its condition is over. */
export function isResolved({ acknowledgedBy }: Pick<Alert, 'acknowledgedBy'>): boolean {
  return acknowledgedBy === SYSTEM;
}

async function remind(client: Queryable, id: string): Promise<void> {
  await client.query(
    `update alert_deliveries set delivered_at = null, attempts = 0, due_at = now()
     where alert_id = $1 and delivered_at < now() - make_interval(hours => $2)`,
    [id, REMIND_HOURS],
  );
}

/** The rules that apply: the defaults, as the operator changed them, and the operator's own. */
export async function readRules(client: Queryable): Promise<Rule[]> {
  const { rows } = await client.query<{ name: string; rule: unknown }>(
    'select name, rule from alert_rules order by name',
  );
  const changed = new Map(rows.map(({ name, rule }) => [name, rule]));
  const rules = DEFAULT_RULES.map((rule) => {
    const parsed = Rule.safeParse(changed.get(rule.name));
    return parsed.data ?? rule;
  });
  const own = rows.filter(({ name }) => !DEFAULT_RULES.some((rule) => rule.name === name));
  return [...rules, ...own.flatMap(({ rule }) => Rule.safeParse(rule).data ?? [])];
}

/**
 * Lists alerts, newest first unless it is asked otherwise.
 *
 * @param options.all whether to include acknowledged alerts
 * @param options.before id of an alert, or its first characters: only older ones are listed
 * @throws AlertError `alert_unknown`
 */
export async function listAlerts(
  client: Queryable,
  { all = false, limit = 100, before, worstFirst = false }: AlertFilter,
): Promise<(Alert & { deliveries: Delivery[] })[]> {
  const end = before === undefined ? null : await idOf(client, before);
  const { rows } = await client.query(
    `select ${ALERT_COLUMNS}, coalesce((
       select jsonb_agg(jsonb_build_object('channel', channel, 'attempts', attempts, 'deliveredAt', delivered_at, 'lastError', last_error) order by channel)
       from alert_deliveries where alert_id = a.id), '[]') deliveries
     from alerts a where ($1 or acknowledged_at is null)
       and ($3::uuid is null or (raised_at, id) < (select end_of.raised_at, end_of.id from alerts end_of where end_of.id = $3))
     order by case when $4 then array_position(array['critical', 'warning', 'notice'], severity) end, raised_at desc, id desc limit $2`,
    [all, limit, end, worstFirst],
  );
  return rows;
}

/** The id of the one alert that has these first characters, at least 6. @throws AlertError `alert_unknown` */
async function idOf(client: Queryable, start: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'select id from alerts where length($1) >= 6 and starts_with(id::text, lower($1)) limit 2',
    [start],
  );
  const [one, ...others] = rows;
  if (one && others.length === 0) return one.id;
  throw new AlertError('alert_unknown', `No alert has the id ${start.slice(0, 40)}.`);
}

/** How many open alerts there are of each severity that has any. */
export async function countOpen(client: Queryable): Promise<Partial<Record<Severity, number>>> {
  const { rows } = await client.query<{ severity: Severity; n: number }>(
    'select severity, count(*)::int as n from alerts where acknowledged_at is null group by 1',
  );
  return Object.fromEntries(rows.map(({ severity, n }) => [severity, n]));
}

/** Acknowledges an alert. @param id the id, or its first characters (at least 6) @throws AlertError `alert_unknown` */
export async function acknowledge(
  client: Queryable,
  id: string,
  by: string,
  note: string | undefined,
): Promise<Alert> {
  const { rows } = await client.query<Alert & pg.QueryResultRow>(
    `update alerts a set acknowledged_at = now(), acknowledged_by = $2, note = $3
     where acknowledged_at is null and length($1) >= 6 and starts_with(id::text, lower($1))
       and 1 = (select count(*) from alerts other where other.acknowledged_at is null and starts_with(other.id::text, lower($1)))
     returning ${ALERT_COLUMNS}`,
    [id, by, note],
  );
  if (rows[0]) return rows[0];
  throw new AlertError('alert_unknown', `No open alert has the id ${id.slice(0, 40)}.`);
}
