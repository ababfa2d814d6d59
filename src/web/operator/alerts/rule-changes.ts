import type { AlertRuleAnswer } from '@/server/operator/alerts';

type Editable = Partial<Pick<AlertRuleAnswer, 'title' | 'severity' | 'enabled' | 'quietMinutes' | 'when'>>;

/**
 * What was changed of a rule, as the server merges it: what another operator changes meanwhile stays.
 *
 * @param rule as it was when the form was opened
 * @returns of `when` the fields that changed, null for those that were removed
 */
export function changesOf(rule: AlertRuleAnswer, { when, ...wanted }: Editable): Record<string, unknown> {
  const former = rule.when as Record<string, unknown>;
  const next = (when ?? former) as Record<string, unknown>;
  const removed = Object.keys(former).filter((name) => !(name in next));
  const ofWhen = { ...changed(former, next), ...Object.fromEntries(removed.map((name) => [name, null])) };
  return { ...changed(rule, wanted), ...(Object.keys(ofWhen).length > 0 ? { when: ofWhen } : {}) };
}

function changed(former: object, next: object): Record<string, unknown> {
  const before = new Map(Object.entries(former));
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(before.get(name));
  return Object.fromEntries(Object.entries(next).filter(differs));
}
