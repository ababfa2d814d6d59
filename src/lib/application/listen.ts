import type { Listening } from '@/lib/postgres';
import type { Database } from './database';

/** Named in functions/announcements.sql. */
export const ROUTES = 'marquee_routes';
/** Named in functions/announcements.sql. */
export const USERS = 'marquee_users';

/** Called with the tenant whose route changed, or with nothing where any may have. */
export type RouteListener = (tenantId?: string, epoch?: string) => void;

/** Called with the data source whose schema is to be read again. */
export type SchemaListener = (dataSourceId: string) => void;

/** Notifications about data sources use the routes' channel too, so that no process needs another connection. */
const SCHEMA = 'schema';

/** Listens for changed routes, and for data sources whose schema has changed, until closed. */
export function listenToRoutes(
  database: Database,
  changed: RouteListener,
  schemaChanged?: SchemaListener,
): Promise<Listening> {
  return database.listen(ROUTES, (payload) => {
    if (payload === undefined) return changed();
    const [subject, detail] = payload.split(':');
    if (subject === SCHEMA && detail) schemaChanged?.(detail);
    else if (subject) changed(subject, detail);
  });
}

/** Says that a data source's schema has changed. */
export async function announceSchema(database: Database, dataSourceId: string): Promise<void> {
  await database.notify(ROUTES, [`${SCHEMA}:${dataSourceId}`]);
}
