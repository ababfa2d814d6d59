import { messageFormatter, messageParser } from '@/lib/failures';

/** What a move waits for, and what it yields to: the English message for each code. Web pages translate them by code. */
export const MOVE_WAITS = {
  transactions: 'running transactions on the server of {{source}}',
  transaction:
    'a transaction on the server of {{source}} that has run for {{seconds}} s (process {{pid}}, database {{database}})',
  lock: 'a lock on {{table}} in {{source}}',
  statements: '{{source}}: {{count}} active statements of others',
  probe: '{{source}}: a probe takes {{ratio}} times as long',
  standby: '{{source}}: a standby is {{size}} MiB further behind',
} as const satisfies Record<string, string>;
/** Code of what a move waits for or yields to. */
export type MoveWaitCode = keyof typeof MOVE_WAITS;

const waiting = messageFormatter<MoveWaitCode>('waits', MOVE_WAITS);
/** `waitsFor` or `slowedBy` of a move's progress as code and values. */
export const parseWait = messageParser('waits', MOVE_WAITS);

export function waitText(...what: Parameters<typeof waiting>): string {
  return waiting(...what).text;
}
