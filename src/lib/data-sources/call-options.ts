// What callers of the manager may choose for a request, and the call that it makes.
import type { DataSourceManagerDependencies } from './dependencies';
import { type Call, Caller } from './routing/call';
import { parseReadToken } from './sources/postgres/replicas/read-token';
import type { ReplicaWish, ServedBy } from './sources/postgres/replicas/replica-set';

/** Options of `getClientForTenant`, and of `answer`. */
export interface ClientOptions {
  /** The signed-in user's token; required if `useServiceRole` is false. */
  accessToken?: string;
  /** The client is read-only and replicas may answer: rows may be up to `maxLagMs` old, so do not base a write on them. */
  readOnly?: boolean;
  /** How old an answer of a replica may be, ms. Default 10,000. */
  maxLagMs?: number;
  /** A token from `readToken`: the answer includes everything committed before the token was issued. */
  readToken?: string;
  /** The answer includes every write of the tenant that this process has acknowledged or learned of (`noteWrite`). */
  afterWrites?: boolean;
  /** Called with each answer: which server gave it, and how current its data are. */
  served?: (by: ServedBy) => void;
}

/** Options of `withTenantTransaction` and `execute`. */
export interface TenantTransactionOptions extends Omit<ClientOptions, 'maxLagMs'> {
  /** Default false. */
  readOnly?: boolean;
  /** With `readOnly`: a replica may answer with data up to this old, ms. If omitted, the primary answers. */
  maxLagMs?: number;
  /** Cancels waiting, and the statement that runs. */
  signal?: AbortSignal;
  /** Default true: trusted server code, acting for the whole tenant. False: for the user of `accessToken`. */
  useServiceRole?: boolean;
}

type Verifier = Pick<DataSourceManagerDependencies, 'verifyAccessToken'>;

export function callerOf(
  verifier: Verifier,
  useServiceRole: boolean,
  { accessToken }: ClientOptions,
): Caller {
  return new Caller((token) => verifier.verifyAccessToken(token), useServiceRole, accessToken);
}

/** The call of a transaction or of one statement. @throws DataSourceError `read_token_invalid` */
export function callOf(verifier: Verifier, tenantId: string, options: TenantTransactionOptions): Call {
  const { useServiceRole = true, signal, readOnly } = options;
  return {
    ...{ tenantId, caller: callerOf(verifier, useServiceRole, options), signal },
    replica: readOnly ? wishOf(options) : undefined,
  };
}

/** Which replicas may answer; undefined if none may. @throws DataSourceError `read_token_invalid` */
export function wishOf({ maxLagMs, readToken, served, afterWrites }: ClientOptions): ReplicaWish | undefined {
  if (maxLagMs === undefined) return undefined;
  return {
    maxLagMs,
    served,
    afterWrites,
    token: readToken === undefined ? undefined : parseReadToken(readToken),
  };
}
