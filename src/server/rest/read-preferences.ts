// Preferences of `/rest/v1` beside PostgREST's: which server may answer a read, and a token that later reads can name.
import type { ServedBy } from '@/lib/data-sources';

/** Response header: the answer holds everything that was committed before (ISO 8601). */
export const AS_OF_HEADER = 'marquee-as-of';
/** Response header of a write with `Prefer: read-token`; request header of a read that must see that write. */
export const READ_TOKEN_HEADER = 'marquee-read-token';

const DEFAULT_MAX_LAG_MS = 10_000;

export interface ReadPreferences {
  /** A replica may answer, and be so old, ms. */
  maxLagMs: number | undefined;
  /** It must hold what this process has acknowledged or heard of. */
  afterWrites: boolean;
  wantsToken: boolean;
  /** The header without these preferences; undefined where nothing is left. */
  others: string | undefined;
}

/** Reads `Prefer`, such as `read-replica; max-lag-ms=5000; after-writes, count=exact`. What is malformed counts as left out. */
export function readReadPreferences(header: string | undefined): ReadPreferences {
  const preferences = (header ?? '').split(',').map((one) => one.trim());
  const parametersOf = (name: string) =>
    preferences
      .find((one) => one === name || one.startsWith(`${name};`))
      ?.split(';')
      .slice(1)
      .map((one) => one.trim());
  const replica = parametersOf('read-replica');
  const lag = replica?.find((one) => /^max-lag-ms=\d{1,9}$/.test(one))?.split('=')[1];
  const others = preferences.filter((one) => one !== '' && !/^read-(replica|token)(;|$)/.test(one));
  return {
    maxLagMs: replica && (lag === undefined ? DEFAULT_MAX_LAG_MS : Number(lag)),
    afterWrites: replica?.includes('after-writes') ?? false,
    wantsToken: parametersOf('read-token') !== undefined,
    others: others.length > 0 ? others.join(', ') : undefined,
  };
}

/** The headers that say what was applied, to be set over the engine's. */
export function appliedHeaders(
  headers: readonly [name: string, value: string][],
  served: readonly ServedBy[],
  token: string | undefined,
): [name: string, value: string][] {
  const isOfReplica = served.length > 0 && served.every(({ replica }) => replica !== undefined);
  const applied = headers.find(([name]) => name.toLowerCase() === 'preference-applied')?.[1];
  const all = [applied, isOfReplica && 'read-replica', token && 'read-token'].filter(Boolean);
  const asOf = served.map((one) => one.asOf.getTime());
  return [
    ...headers.filter(([name]) => name.toLowerCase() !== 'preference-applied'),
    ...(all.length > 0 ? [['Preference-Applied', all.join(', ')] as [string, string]] : []),
    ...(asOf.length > 0
      ? [[AS_OF_HEADER, new Date(Math.min(...asOf)).toISOString()] as [string, string]]
      : []),
    ...(token ? [[READ_TOKEN_HEADER, token] as [string, string]] : []),
  ];
}
