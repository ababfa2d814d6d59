// What SQL of a developer's own may leave in a session, where the next tenant's statements would meet it: settings, a role,
// temporary tables that hide real ones, prepared statements, locks, cursors, notifications.

/** Statements that read and write rows, after comments and parentheses. */
const ON_ROWS =
  /^(?:[\s(]|--[^\n]*\n|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/)*(?:select|insert|update|delete|merge|with|values|table|copy)\b/i;

/** What such a statement can do to its session all the same; names written by code point could be any of these. */
const ON_SESSION =
  /\b(?:set_config|pg_(?:try_)?advisory\w*|into\s+temp\w*|pg_temp\w*|\w+_to_xml\w*|lo_\w+|dblink\w*)\b|\bu&"/i;

/** Whether a statement may leave something in its session. */
export function leavesTraces(text: string): boolean {
  return !ON_ROWS.test(text) || ON_SESSION.test(text);
}

/** Takes every trace away, inside the transaction that left them, so that a pooler's session is clean too; then commits. */
export const COMMIT_WITHOUT_TRACES = [
  // While claims and role are still there: triggers that were put off need them.
  'set constraints all immediate',
  'close all',
  'unlisten *',
  'discard temp',
  'discard sequences',
  'deallocate all',
  'select pg_advisory_unlock_all()',
  'set session authorization default',
  'reset all',
  'commit',
].join('; ');

/** A rollback undoes the rest by itself. */
export const ROLLBACK_WITHOUT_TRACES = 'rollback; deallocate all; select pg_advisory_unlock_all()';
