import { type NotificationData, notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { createElement } from 'react';
import { Failure, isOffline } from '../hooks/failures';
import { UndoMessage } from './UndoMessage';

/** What went wrong, in the user's language where the code is known, else in the database's words. */
export function explain(error: unknown): string {
  if (isOffline(error)) return i18next.t('failure.offline');
  if (!(error instanceof Failure)) return i18next.t('failure.unexpected');
  const known = i18next.t(`failure.${error.code}`, { defaultValue: '' });
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
