// The engine's transactions, run as the role and with the claims of who asks.

import { runTransaction, type Statement, type Transaction } from '@/lib/postgres';
import type { RunTransaction } from '../contract';
import type { Identity } from './authentication';
import type { ConnectionPool } from './connections';
import type { RoleSettings } from './database-configuration';
import { UnavailableError } from './errors';

export interface Impersonation {
  pool: ConnectionPool;
  identity: Identity;
  roleSettings: RoleSettings | undefined;
  /** `db-prepared-statements` */
  prepare: boolean;
}

const ISOLATION_SETTINGS = new Set(['transaction_isolation', 'default_transaction_isolation']);

/**
 * Settings of the role come before the role itself: the login role may be allowed to set what the other is not.
 * A transaction that only reads is tried once more when its connection turns out to be dead.
 */
export function impersonate({ pool, identity, roleSettings, prepare }: Impersonation): RunTransaction {
  const before: Transaction['settings'] = [
    ...(roleSettings?.settings ?? []),
    ['role', identity.role],
    ['request.jwt.claims', identity.claims],
  ];
  return async (transaction) => {
    const level =
      transaction.settings.find(([name]) => ISOLATION_SETTINGS.has(name))?.[1] ??
      roleSettings?.isolationLevel;
    const own = level
      ? transaction.settings.filter(([name]) => !ISOLATION_SETTINGS.has(name))
      : transaction.settings;
    const complete = { ...transaction, settings: [...before, ...own] };
    const context: Statement[] = level ? [isolation(level)] : [];
    const attempt = () => pool.use((client) => runTransaction(client, complete, context, { prepare }));
    try {
      return await attempt();
    } catch (error) {
      const retriable = error instanceof UnavailableError && error.code === 'PGRST001';
      if (!retriable || !transaction.readOnly) throw error;
      return attempt();
    }
  };
}

const LEVELS = new Set(['read uncommitted', 'read committed', 'repeatable read', 'serializable']);

/** Must be the transaction's first statement; a setting would come too late. */
function isolation(level: string): Statement {
  const known = LEVELS.has(level.toLowerCase()) ? level : 'read committed';
  return { text: `set transaction isolation level ${known}`, values: [] };
}
