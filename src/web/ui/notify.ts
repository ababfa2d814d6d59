import { type NotificationData, notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { createElement } from 'react';
import { Failure, isOffline } from '../hooks/failures';
import { UndoMessage } from './UndoMessage';

/** Codes that are one thing to users. */
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
};

/** What went wrong, in the user's language where the code is known, else in the database's words. */
export function explain(error: unknown): string {
  if (isOffline(error)) return i18next.t('failure.offline');
  if (!(error instanceof Failure)) return i18next.t('failure.unexpected');
  const known = i18next.t(`failure.${SAME_AS[error.code] ?? error.code}`, { defaultValue: '' });
  // Codes of Marquee's own, not SQLSTATEs: the translation says what to do too.
  if (known && /^[a-z]/.test(error.code)) return known;
  // What PostgreSQL itself says of bad data is in its hint in words; details may be lists for programs.
  if (/^(22|23|40|54)/.test(error.code)) return known || error.hint || error.message;
  const details = /^[[{]/.test(error.details ?? '') ? null : error.details;
  return [known || error.message, details, error.hint].filter(Boolean).join(' ');
}

/** Says that something did not happen, and why. */
export function notifyFailure(error: unknown, what?: string): void {
  show({
    color: 'red',
    title: what ?? i18next.t('failure.title'),
    message: explain(error),
    autoClose: 9000,
  });
}

/** Says that something did not go as wished, in words that are ready. */
export function notifyProblem(message: string): void {
  show({ color: 'red', message, autoClose: 9000 });
}

/** Says that something happened, and offers to undo it where that is possible. */
export function notifyDone(message: string, undo?: () => void): void {
  const id = crypto.randomUUID();
  const take = () => {
    notifications.hide(id);
    undo?.();
  };
  show({
    id,
    message: undo ? createElement(UndoMessage, { message, undo: take }) : message,
    autoClose: undo ? 8000 : 3500,
  });
}

function show(notification: NotificationData): void {
  notifications.show({ closeButtonProps: { 'aria-label': i18next.t('close') }, ...notification });
}
