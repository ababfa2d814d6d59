// Alerts on suspicious changes: rules over the audit log, sent by webhook, mail and log. See docs/alerts.md.
export { Alerts } from './alerts';
export { DEFAULT_RULES } from './default-rules';
export { AlertError } from './errors';
export { titleDescriptor } from './match';
export { alertText, messageIdOf, titleOfAlert, webhookEvent } from './message';
export { type Condition, raiseCondition } from './report';
export { FIXED, type Rule, type Severity } from './rule';
export type { AlertChannel } from './send';
export { type Alert, type AlertDetail, type Delivery, resolve as resolveCondition } from './store';
export { CONDITIONS, type ConditionCode, ENDINGS, type EndingCode, over, parseNote, titled } from './titles';
export { verifyAuditLog } from './verify-log';
export { type AlertDependencies, reportFindings, startWatching, watchOnce } from './watch';
