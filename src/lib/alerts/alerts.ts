// What an operator can do with alerts. Each change is recorded in the audit log, and rules watch those records too.
import type { Author } from '@/lib/application';
import { DEFAULT_RULES } from './default-rules';
import { AlertError } from './errors';
import { isObject } from './match';
import { FIXED, Rule, type Severity } from './rule';
import { type AlertChannel, sendWithin } from './send';
import {
  type Alert,
  type AlertFilter,
  acknowledge,
  countOpen,
  type Delivery,
  listAlerts,
  readRules,
} from './store';
import type { AlertDependencies } from './watch';

export class Alerts {
  constructor(private readonly parts: AlertDependencies) {}

  /** As `listAlerts`. */
  list(options: AlertFilter = {}): Promise<(Alert & { deliveries: Delivery[] })[]> {
    return listAlerts(this.parts.operations.pool, options);
  }

  /** As `countOpen`. */
  countOpen(): Promise<Partial<Record<Severity, number>>> {
    return countOpen(this.parts.operations.pool);
  }

  /** Acknowledges an alert. @param id the id, or its first characters (at least 6) @throws AlertError `alert_unknown` */
  async acknowledge(id: string, by: Author, note?: string): Promise<Alert> {
    const alert = await acknowledge(this.parts.operations.pool, id, by.actor, note);
    const { rule, title } = alert;
    const details = { rule, title, ...(note ? { note } : {}) };
    await this.parts.application.audit.append(
      { action: 'alerts.acknowledge', entity: 'alerts', entityId: alert.id, details },
      by,
    );
    return alert;
  }

  rules(): Promise<Rule[]> {
    return readRules(this.parts.operations.pool);
  }

  /**
   * Changes a rule, or adds one of the operator's own.
   *
   * @param changes fields of the rule. Of `match` and `when`, single fields may be given; null removes a field
   * @throws AlertError `alert_rule_invalid`, `alert_rule_fixed`
   */
  async setRule(name: string, changes: Record<string, unknown>, by: Author): Promise<Rule> {
    const former = (await this.rules()).find((rule) => rule.name === name);
    const parsed = Rule.safeParse(
      merged(former ?? { enabled: true, quietMinutes: 60 }, { ...changes, name }),
    );
    if (!parsed.success) {
      const problems = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'rule'}: ${message}`,
      );
      throw new AlertError('alert_rule_invalid', `The rule ${name} is not valid: ${problems.join('; ')}`);
    }
    const isFixed = (FIXED as readonly string[]).includes(name);
    const { match, when, enabled } = parsed.data;
    const isSame =
      JSON.stringify([former?.match, former?.when, true]) === JSON.stringify([match, when, enabled]);
    if (isFixed && !isSame) {
      throw new AlertError(
        'alert_rule_fixed',
        `The rule ${name} can change in title, severity and quietMinutes only.`,
      );
    }
    await this.#record(name, former, parsed.data, by);
    await this.parts.operations.pool.query(
      `insert into alert_rules (name, rule, updated_by) values ($1, $2, $3)
       on conflict (name) do update set rule = excluded.rule, updated_by = excluded.updated_by, updated_at = now()`,
      [name, JSON.stringify(parsed.data), by.actor],
    );
    return parsed.data;
  }

  /** Resets a rule to its default, or removes a rule that the operator has added. @throws AlertError `alert_rule_unknown` */
  async resetRule(name: string, by: Author): Promise<void> {
    const former = (await this.rules()).find((rule) => rule.name === name);
    if (!former) throw new AlertError('alert_rule_unknown', `There is no rule ${name}.`);
    await this.#record(
      name,
      former,
      DEFAULT_RULES.find((rule) => rule.name === name),
      by,
    );
    await this.parts.operations.pool.query('delete from alert_rules where name = $1', [name]);
  }

  /** Sends a test alert by each channel. @returns for each channel the reason why the alert was not sent, or null if it was */
  test(by: Author): Promise<{ channel: string; problem: string | null }[]> {
    const now = new Date();
    const alert: Alert = {
      ...{ id: crypto.randomUUID(), rule: 'test', severity: 'notice', cause: 'test', occurrences: 1 },
      title: `A test by ${by.actor}: nothing happened`,
      ...{ tenantId: null, recordId: null, detail: {}, raisedAt: now, lastSeenAt: now },
      ...{ acknowledgedAt: null, acknowledgedBy: null, note: null },
    };
    return Promise.all(
      this.parts.channels.map(async (channel: AlertChannel) => ({
        channel: channel.name,
        problem: await sendWithin(channel, alert),
      })),
    );
  }

  /** Records a change of a rule, before it is made, so that no rule can be weakened without a record. */
  async #record(name: string, before: Rule | undefined, after: Rule | undefined, by: Author): Promise<void> {
    const action = `alert_rules.${before ? (after ? 'update' : 'delete') : 'insert'}` as const;
    const change = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
    await this.parts.application.audit.append(
      { action, entity: 'alert_rules', entityId: name, ...change },
      by,
    );
  }
}

/** Merges `changes` into `former`, object by object. Null removes a field. A condition of another kind replaces the former one. */
function merged(former: unknown, changes: unknown): unknown {
  if (!isObject(changes)) return changes;
  const base = isObject(former) && (changes.kind === undefined || changes.kind === former.kind) ? former : {};
  const entries = Object.entries(changes).map(([name, value]) => [name, merged(base[name], value)] as const);
  return Object.fromEntries(
    [...Object.entries(base), ...entries].filter(([name, value]) => value !== null && changes[name] !== null),
  );
}
