// The Prefer header (RFC 7240).
import { LRUCache } from 'lru-cache';

export interface Preferences {
  resolution?: 'merge-duplicates' | 'ignore-duplicates';
  representation?: 'representation' | 'minimal' | 'headers-only';
  count?: 'exact' | 'planned' | 'estimated';
  transaction?: 'commit' | 'rollback';
  missing?: 'default' | 'null';
  handling?: 'strict' | 'lenient';
  /** A name or an offset. PostgreSQL checks it: an unknown one fails the request (22023), whatever `handling` is. */
  timezone?: string;
  maxAffected?: number;
  /** Preferences that were given but are unknown. */
  invalid: readonly string[];
}

/** Names in the header → names here. Of two values for one preference the first counts. */
const NAMES = {
  resolution: { property: 'resolution', values: ['merge-duplicates', 'ignore-duplicates'] },
  return: { property: 'representation', values: ['representation', 'minimal', 'headers-only'] },
  count: { property: 'count', values: ['exact', 'planned', 'estimated'] },
  tx: { property: 'transaction', values: ['commit', 'rollback'] },
  missing: { property: 'missing', values: ['default', 'null'] },
  handling: { property: 'handling', values: ['strict', 'lenient'] },
} as const;

const NONE: Preferences = { invalid: [] };
const read = new LRUCache<string, Preferences>({ max: 200 });

/**
 * Reads the header. Several headers come as one, with commas.
 *
 * @param mayChooseTransaction whether `tx=` has an effect (`db-tx-end` allows to override)
 */
export function readPreferences(header: string | undefined, mayChooseTransaction: boolean): Preferences {
  if (header === undefined || header === '') return NONE;
  const key = `${mayChooseTransaction ? '+' : '-'}${header}`;
  const known = read.get(key);
  if (known) return known;
  const preferences = parsePreferences(header, mayChooseTransaction);
  read.set(key, preferences);
  return preferences;
}

function parsePreferences(header: string, mayChooseTransaction: boolean): Preferences {
  const preferences: Record<string, string | number> = {};
  const invalid: string[] = [];
  for (const part of header.split(',')) {
    const preference = part.trim();
    const equals = preference.indexOf('=');
    const name = preference.slice(0, Math.max(equals, 0));
    const value = preference.slice(equals + 1);
    if (name === 'timezone') preferences.timezone ??= value;
    else if (name === 'max-affected') {
      if (/^-?\d+$/.test(value)) preferences.maxAffected ??= Number(value);
    } else if (Object.hasOwn(NAMES, name)) {
      const known = NAMES[name as keyof typeof NAMES];
      if (!(known.values as readonly string[]).includes(value)) invalid.push(preference);
      else if (name !== 'tx' || mayChooseTransaction) preferences[known.property] ??= value;
    } else invalid.push(preference);
  }
  return { ...preferences, invalid };
}

/** The value of Preference-Applied; undefined where nothing was applied. */
export function preferenceApplied(preferences: Omit<Preferences, 'invalid'>): string | undefined {
  const { resolution, missing, representation, count, transaction, handling, timezone, maxAffected } =
    preferences;
  const applied = [
    resolution && `resolution=${resolution}`,
    missing && `missing=${missing}`,
    representation && `return=${representation}`,
    count && `count=${count}`,
    transaction && `tx=${transaction}`,
    handling && `handling=${handling}`,
    timezone !== undefined && `timezone=${timezone}`,
    handling === 'strict' && maxAffected !== undefined && `max-affected=${maxAffected}`,
  ].filter((text) => typeof text === 'string');
  return applied.length > 0 ? applied.join(', ') : undefined;
}
