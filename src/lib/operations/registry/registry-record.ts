import { SECRET_COLUMNS } from './data-source';

/** A change of the registry of data sources. Credentials appear in it as fingerprints. */
export interface RegistryChange {
  action: `data_sources.${'insert' | 'update' | 'delete'}`;
  entity: 'data_sources';
  entityId: string;
  /** The columns that differ; of an insert or a delete all. */
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** A person who changes the registry: as the audit log names its authors. */
export interface ChangeAuthor {
  actor: string;
  requestId?: string;
  address?: string;
}

/** Keeps a change in the audit log; without an author it is the process's own. The change is undone where it rejects. */
export type RecordChange = (change: RegistryChange, by?: ChangeAuthor) => Promise<void>;

/** `routerUrlAt` and the like: where a URL leads and as whom, without its password. */
export type Places = Record<string, string>;

/** A row of `data_sources` with its envelopes. */
type Row = Record<string, unknown> & { id: string };

const SECRETS = Object.keys(SECRET_COLUMNS);
/** Every change changes them. */
const BOOKKEEPING = ['version', 'createdAt', 'updatedAt'];

/** Columns for `select` and `returning`, beside those of a data source. */
export const SECRETS_BESIDE = Object.entries(SECRET_COLUMNS)
  .map(([name, column]) => `${column} "${name}"`)
  .join(', ');

/**
 * @param places of the URLs that change, by name: before and after
 * @returns undefined where nothing differs
 */
export function changeOf(
  before: Row | undefined,
  after: Row | undefined,
  places: { before?: Places; after?: Places } = {},
): RegistryChange | undefined {
  const [old, changed] = [shown(before, places.before), shown(after, places.after)];
  const names = Object.keys({ ...old, ...changed }).filter((name) => old?.[name] !== changed?.[name]);
  if (names.length === 0) return undefined;
  const only = (row: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, row[name]]));
  return {
    action: `data_sources.${before ? (after ? 'update' : 'delete') : 'insert'}`,
    entity: 'data_sources',
    entityId: (after ?? before)?.id ?? '',
    ...(old ? { before: only(old) } : {}),
    ...(changed ? { after: only(changed) } : {}),
  };
}

/** The row without its credentials. */
export function withoutSecrets<T extends object>(row: Row): T {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !SECRETS.includes(name))) as T;
}

function shown(row: Row | undefined, places: Places = {}): Record<string, unknown> | undefined {
  if (!row) return undefined;
  const columns = Object.entries(row).filter(([name]) => !BOOKKEEPING.includes(name));
  return {
    ...Object.fromEntries(
      columns.map(([name, value]) => [
        name,
        SECRETS.includes(name) && value ? fingerprintIn(String(value)) : value,
      ]),
    ),
    ...places,
  };
}

/** An envelope names the fingerprint of what it holds in its third part. */
function fingerprintIn(envelope: string): string {
  return `fingerprint:${envelope.split('.')[2]}`;
}
