import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { EXPORTS, type ExportedTableName, exportTable } from '@/lib/crm/export';
import type { ServedBy } from '@/lib/data-sources';
import type { ServerDependencies } from '../../dependencies';
import { requireRole, SALES } from '../../require-role';
import { AS_OF_HEADER } from '../../rest/read-preferences';
import { requireRecentProof } from '../../session';
import { requireTenantContext } from '../../tenant-context';
import { createRouter, file } from '../router';

/** How old an export's data may be, ms. Writes that this process has made or was notified of are always included. */
const EXPORT_LAG_MS = 60_000;

const EXPORTED = Object.keys(EXPORTS) as ExportedTableName[];

/** `/api/exports`: lists as CSV files. */
export function exportRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/{file}',
      tags: ['Imports'],
      summary: 'A list as CSV',
      request: { params: z.object({ file: z.enum(EXPORTED.map((table) => `${table}.csv` as const)) }) },
      responses: { 200: file('text/csv', 'All rows that the user may see') },
    }),
    async (context) => {
      const caller = requireRole(await requireTenantContext(context, parts), SALES);
      requireRecentProof(caller);
      const { file: name } = context.req.valid('param');
      const people = await parts.application.users.list(caller.tenant.id);
      const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
      const table = name.replace('.csv', '') as ExportedTableName;
      const served: ServedBy[] = [];
      const reader = await parts.manager.getClientForTenant(caller.tenant.id, false, {
        ...{ accessToken: caller.accessToken, readOnly: true, maxLagMs: EXPORT_LAG_MS, afterWrites: true },
        served: (by) => served.push(by),
      });
      const lines = exportTable(reader, table, (id) => names.get(id));
      // Later pages are read later, but each includes everything that was committed before the first was read.
      const first = await lines.next();
      const all = first.done ? [] : joined(first.value, lines);
      const [{ asOf } = { asOf: new Date() }] = served;
      return context.body(Readable.toWeb(Readable.from(all)) as ReadableStream, 200, {
        [AS_OF_HEADER]: asOf.toISOString(),
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      });
    },
  );
  return routes;
}

async function* joined(first: string, others: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* others;
}
