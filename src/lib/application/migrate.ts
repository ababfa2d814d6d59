import type pg from 'pg';
import {
  type MigrateResult,
  migrate,
  newestVersion,
  type PlannedMigration,
  plannedMigration,
  recordedVersion,
  type SchemaFiles,
  updateScript,
} from '@/lib/migrations';
import { connected } from './database';
import { ApplicationError } from './errors';
import { ownsTables } from './owner';
import { schemaFiles } from './schema-files';
import type { ProjectOptions } from './supabase/project';
import { publishScript } from './supabase/publish';
import { expectProject } from './supabase/rest-database';

/** The schema that holds functions and what was applied. */
const RECORD_SCHEMA = 'marquee';

/** How the application database is reached. */
export type ApplicationPlace =
  /** PostgreSQL URL, with a session of its own for LISTEN (no pooler in transaction mode). */
  | { url: string }
  /** A Supabase project's REST API. @param notificationsUrl PostgreSQL URL of a database that all processes share, to notify each other */
  | { project: ProjectOptions; notificationsUrl?: string | undefined };

/**
 * Brings the application database, which may be empty, to this program's version. Where its login does not own the tables, or it is reached
 * through a REST API, and there is no `ownerUrl`, it only makes sure that they are of this version.
 *
 * @param place as Marquee's servers reach it
 * @param ownerUrl PostgreSQL URL of the owner of the tables, where that is another role: it grants the servers' login their use. It
 *   need not be a superuser
 * @throws MarqueeError `migration_*` (see `migrate`), `application_*`
 */
export async function migrateApplicationDatabase(
  place: string | ApplicationPlace,
  ownerUrl?: string,
): Promise<MigrateResult> {
  const files = await schemaFiles();
  if (typeof place !== 'string' && 'project' in place) return migrateProject(place.project, files, ownerUrl);
  const url = typeof place === 'string' ? place : place.url;
  if (ownerUrl === undefined) {
    return connected(at(url), async (client) =>
      (await ownsTables(client)) ? migrate(client, files, RECORD_SCHEMA) : expectCurrent(client, files),
    );
  }
  const login = await connected(at(url), async (client) => {
    const { rows } = await client.query<{ login: string }>('select current_user login');
    return rows[0]?.login;
  });
  return connected(at(ownerUrl), async (client) => {
    const result = await migrate(client, files, RECORD_SCHEMA);
    await client.query('select marquee.grant_use($1)', [login]);
    return result;
  });
}

/**
 * What `migrateApplicationDatabase` would do; nothing is changed.
 *
 * @throws MarqueeError as `migrateApplicationDatabase`
 */
export async function planApplicationDatabase(
  place: string | ApplicationPlace,
  ownerUrl?: string,
): Promise<PlannedMigration> {
  const files = await schemaFiles();
  const own = typeof place === 'string' ? place : 'url' in place ? place.url : undefined;
  const url = ownerUrl ?? own;
  if (url === undefined) {
    const { version } = await migrateApplicationDatabase(place);
    return { version, toVersion: version, migrations: [], functions: 0 };
  }
  return connected(at(url), async (client) => {
    const planned = await plannedMigration(client, files, RECORD_SCHEMA);
    const isPending = planned.migrations.length > 0 || planned.functions > 0;
    // Of an empty database no one owns the tables yet.
    if (isPending && planned.version > 0 && ownerUrl === undefined && !(await ownsTables(client)))
      await expectCurrent(client, files);
    return planned;
  });
}

/** What a person runs once, and again for each new version, in the SQL editor of the Supabase project that is the application database. */
export async function projectScript(): Promise<string> {
  const files = await schemaFiles();
  const statements = `${updateScript(files, RECORD_SCHEMA)}\n${publishScript(files)}`;
  return `-- Marquee's application database in a Supabase project. All or nothing; it can be run again.\nbegin;\n${statements}\ncommit;\n`;
}

async function migrateProject(
  project: ProjectOptions,
  files: SchemaFiles,
  ownerUrl: string | undefined,
): Promise<MigrateResult> {
  const result = ownerUrl
    ? await connected(at(ownerUrl), async (client) => {
        const migrated = await migrate(client, files, RECORD_SCHEMA);
        await client.query(`begin; ${publishScript(files)}; commit`);
        return migrated;
      })
    : { applied: [], functions: 0, version: newestVersion(files) };
  await expectProject(project);
  return result;
}

const at = (url: string) => ({ connectionString: url, connectionTimeoutMillis: 5_000 });

async function expectCurrent(client: pg.Client, files: SchemaFiles): Promise<MigrateResult> {
  const version = await recordedVersion(client, files, RECORD_SCHEMA);
  if (version !== undefined) return { applied: [], functions: 0, version };
  throw new ApplicationError(
    'application_login_lacks_rights',
    'The application database is not of this version, and its login does not own the tables.',
    { hint: 'Run marquee migrate with APPLICATION_DATABASE_OWNER_URL set.' },
  );
}
