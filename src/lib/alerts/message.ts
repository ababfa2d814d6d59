// An alert as its receivers read it.
import { type Alert, isResolved } from './store';

/** Maximum length of a value in a message, characters. The audit log has the whole value. */
const LONGEST = 500;

/** Lines of text: what happened, to what, by whom, from where, and what to do next. */
export function alertText(alert: Alert): string[] {
  const { detail, severity, rule, occurrences, recordId, tenantId, acknowledgedAt, note } = alert;
  const isOver = isResolved(alert);
  const lines: [name: string, value: unknown][] = [
    ['Rule', `${rule} (${severity})`],
    ['When', detail.occurredAt ?? alert.raisedAt.toISOString()],
    ['Who', detail.actor],
    ['From', detail.address],
    ['What', detail.action && `${detail.action} ${detail.entityId ?? ''}`.trim()],
    ['Tenant', tenantId],
    ['Before', detail.before],
    ['After', detail.after],
    ['Details', detail.details],
    ['Found', detail.findings],
    ['Occurrences', occurrences > 1 ? occurrences : undefined],
    ['Over', isOver ? `${acknowledgedAt?.toISOString()} ${note ?? ''}` : undefined],
    ['Record', recordId && `${recordId} of the audit log`],
  ];
  return [
    titleOfAlert(alert),
    ...lines.flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [`${name}: ${shown(value)}`],
    ),
    ...(rule === 'test' || isOver ? [] : [`Acknowledge: marquee alerts acknowledge ${alert.id.slice(0, 8)}`]),
  ];
}

export function titleOfAlert(alert: Pick<Alert, 'title' | 'acknowledgedBy'>): string {
  return isResolved(alert) ? `Over: ${alert.title}` : alert.title;
}

/** The id of a message. The end of an alert has another id than the alert. Receivers ignore an id that they have seen before. */
export function messageIdOf(alert: Pick<Alert, 'id' | 'acknowledgedBy'>): string {
  return isResolved(alert) ? `${alert.id}-resolved` : alert.id;
}

/** The event that a webhook receives for an alert, or for its end. */
export function webhookEvent(alert: Alert) {
  const { rule, severity, cause, title, tenantId, recordId, occurrences, acknowledgedAt } = alert;
  const { says: _, ...detail } = alert.detail;
  const isOver = isResolved(alert);
  const at = (isOver && acknowledgedAt) || alert.raisedAt;
  return {
    ...{
      id: messageIdOf(alert),
      type: `alert.${isOver ? 'resolved' : 'raised'}`,
      occurredAt: at.toISOString(),
    },
    data: { rule, severity, cause, title, tenantId, recordId, detail, occurrences },
  };
}

function shown(value: unknown): string {
  const text = Array.isArray(value)
    ? value.join(' ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
