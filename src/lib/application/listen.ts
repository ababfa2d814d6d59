import { type Listening, listen } from '@/lib/postgres';
import type { Database } from './database';

const ROUTES = 'marquee_routes';
const USERS = 'marquee_users';

/** Called with the tenant whose route changed, or with nothing where any may have. */
export type RouteListener = (tenantId?: string, epoch?: string) => void;

/** Called with the data source whose schema is to be read again. */
export type SchemaListener = (dataSourceId: string) => void;

/** What is said of a data source on the routes' channel, so that no process needs a connection more. */
const SCHEMA = 'schema';

/** Listens for changed routes, and for data sources whose schema has changed, until closed. */
export function listenToRoutes(
  url: string,
  changed: RouteListener,
  schemaChanged?: SchemaListener,
): Promise<Listening> {
  return listenTo(url, ROUTES, (payload) => {
    if (payload === undefined) return changed();
    const [subject, detail] = payload.split(':');
    if (subject === SCHEMA && detail) schemaChanged?.(detail);
    else if (subject) changed(subject, detail);
  });
}

/** Listens for changed users until closed. @param changed called with the user's id, or without where any may have changed */
export function listenToUsers(url: string, changed: (userId?: string) => void): Promise<Listening> {
  return listenTo(url, USERS, changed);
}

/** Says that a data source's schema has changed. */
export async function announceSchema(database: Database, dataSourceId: string): Promise<void> {
  await database.read('select pg_notify($1, $2)', [ROUTES, `${SCHEMA}:${dataSourceId}`]);
}

/** Listens to a channel of the application database until closed. */
export function listenTo(
  url: string,
  channel: string,
  heard: (payload?: string) => void,
): Promise<Listening> {
  const connection = { connectionString: url, application_name: channel.replace('_', ' ') };
  return listen({ connection, channel, heard });
}
