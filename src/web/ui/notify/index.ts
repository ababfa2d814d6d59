import type { NotificationData } from '@mantine/notifications';
import i18next from 'i18next';
import { createElement } from 'react';
import { Failure, isOffline } from '../../hooks/request/failures';
import { RULES } from '../../i18n';
import { missingWords } from './missing-words';
import { loadNotifications } from './Notifications';
import { refusedWords } from './refused';
import { type Rules, ruleWords } from './rule-words';
import { UndoMessage } from './UndoMessage';

/** Codes that share one message for users. */
const SAME_AS: Readonly<Record<string, string>> = {
  route_stale: 'tenant_moving',
  data_source_out_of_connections: 'data_source_busy',
  data_source_authentication_refused: 'data_source_unreachable',
  data_source_shutting_down: 'data_source_unreachable',
  data_source_connection_lost: 'data_source_unreachable',
  data_source_circuit_open: 'data_source_unreachable',
  tenant_unavailable: 'data_source_unreachable',
  tenant_unplaced: 'data_source_unreachable',
  manager_closed: 'application_database_unreachable',
  record_stale: 'version_conflict',
};

/**
 * User-facing text of an error: translated if its code or refusal is known, otherwise the database's message.
 *
 * @param sent columns and values that were sent: they show which field a refused value is of
 */
export function explain(error: unknown, sent: Readonly<Record<string, unknown>> = {}): string {
  if (isOffline(error)) return i18next.t('failure.offline');
  if (!(error instanceof Failure)) return i18next.t('failure.unexpected');
  if (error.missing)
    return i18next.t('mergeFields.missing', { list: missingWords(error.missing).join(', ') });
  if (error.refusal) return refusedWords(error.refusal, sent);
  const { code, message } = error;
  const known = i18next.t(
    // The console has more codes in German.
    [`serverMessages.failures.${code}`, `failure.${code}`, `failure.${SAME_AS[code] ?? code}`],
    { message, defaultValue: '' },
  );
  // For Marquee's own codes (not SQLSTATEs) the translation also says what to do.
  if (known && /^[a-z]/.test(error.code)) return known;
  // For data errors PostgreSQL's hint is readable; details may be machine-readable lists.
  if (/^(22|23|40|54)/.test(error.code)) return known || error.hint || error.message;
  const details = /^[[{]/.test(error.details ?? '') ? null : error.details;
  return [known || error.message, details, error.hint]
    .flatMap((said) => said || [])
    .map(inLanguage)
    .join(' ');
}

/** What a rule of the database says, in the user's language. */
export function inLanguage(said: string): string {
  const { language, t } = i18next;
  const rules: Rules = i18next.getResourceBundle(language, RULES) ?? {};
  return ruleWords(said, rules, (value) => t(`option.${value}`, value));
}

/** Shows an error notification for a failed operation. */
export function notifyFailure(error: unknown, what?: string): void {
  show({
    color: 'red',
    title: what ?? i18next.t('failure.title'),
    message: explain(error),
    autoClose: 9000,
  });
}

/** Shows a translated error message. */
export function notifyProblem(message: string): void {
  show({ color: 'red', message, autoClose: 9000 });
}

/** Shows a success notification, with an undo button if `undo` is given. */
export function notifyDone(message: string, undo?: () => void): void {
  const id = crypto.randomUUID();
  const take = () => {
    void loadNotifications().then(({ notifications }) => notifications.hide(id));
    undo?.();
  };
  show({
    id,
    message: undo ? createElement(UndoMessage, { message, undo: take }) : message,
    autoClose: undo ? 8000 : 3500,
  });
}

function show(notification: NotificationData): void {
  const shown = { closeButtonProps: { 'aria-label': i18next.t('close') }, ...notification };
  void loadNotifications().then(({ notifications }) => notifications.show(shown));
}
