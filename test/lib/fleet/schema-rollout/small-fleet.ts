// Data sources with a small schema of their own, so that a test of schema rollouts has many of them.
import pg from 'pg';
import {
  advanceSchemaRollout,
  type SchemaRolloutDependencies,
  SchemaRolloutStore,
} from '@/lib/fleet/schema-rollout';
import { migrate, type SchemaFiles } from '@/lib/migrations';
import { createTestDatabase } from '../../../support/postgres';
import type { Installation } from '../../data-sources/installation';

export const VERSION_1: SchemaFiles = {
  schema: [
    {
      path: '01_rooms.sql',
      text: `create table public.rooms (id int primary key, name text not null, former text);
        alter table public.rooms enable row level security;
        create policy own on public.rooms using (id > 0);`,
    },
  ],
  functions: [
    {
      path: 'area.sql',
      text: 'create or replace function public.area(width int) returns int language sql return width * 2;',
    },
  ],
  migrations: [],
};

/** @param migrations by file name */
export function version(migrations: Record<string, string>): SchemaFiles {
  const files = Object.entries(migrations).map(([path, text]) => ({ path, text }));
  return { ...VERSION_1, migrations: files };
}

export interface SmallFleet {
  names: string[];
  urlOf(name: string): string;
  query(name: string, sql: string): Promise<pg.QueryResult>;
  /** Of a program with these files. */
  parts(files: SchemaFiles): SchemaRolloutDependencies;
  store: SchemaRolloutStore;
  /** Goes on with the open rollout until it has ended, halted or waits. */
  advance(files: SchemaFiles): ReturnType<typeof advanceSchemaRollout>;
}

/** @param prefix of the names: `a` makes `a1`, `a2`, … */
export async function createFleet(
  { operations, application }: Installation,
  prefix: string,
  count: number,
): Promise<SmallFleet> {
  const urls = new Map<string, string>();
  for (let place = 1; place <= count; place += 1) {
    const name = `${prefix}${place}`;
    const url = await createTestDatabase('fleet');
    urls.set(name, url);
    await withClient(url, (client) => migrate(client, VERSION_1, 'tenancy'));
    await operations.dataSources.create({
      ...{ name, kind: 'byod', adminUrl: url, routerUrl: url, moverUrl: url, schemaVersion: 1 },
    });
  }
  const urlOf = (name: string) => urls.get(name) ?? '';
  return {
    names: [...urls.keys()],
    urlOf,
    query: (name, sql) => withClient(urlOf(name), (client) => client.query(sql)),
    parts: (files) => ({ operations, application, files }),
    store: new SchemaRolloutStore(operations.pool),
    advance: (files) =>
      advanceSchemaRollout({ operations, application, files }, new AbortController().signal),
  };
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Waits until a session waits for a lock with a statement that matches. */
export async function untilItWaits(url: string, statement: string): Promise<void> {
  await withClient(url, async (client) => {
    for (let found = 0; found === 0; ) {
      const { rowCount } = await client.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query ~ $1 and pid <> pg_backend_pid()",
        [statement],
      );
      found = rowCount ?? 0;
    }
  });
}
