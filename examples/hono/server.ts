// A Hono application that reads tenants' data, in whichever database they are.
//   node server.ts, then http://localhost:8787/tenants/<tenant id>/accounts      (npx marquee tenant list shows the ids)
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { DataSourceError, dataSourceManager, errorResponse } from 'marquee/data-sources';

const app = new Hono();

app.get('/tenants/:tenantId/accounts', async (context) => {
  const tenantId = context.req.param('tenantId');
  const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
  const { data, error, status } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);
  return error ? Response.json(error, { status }) : context.json(data);
});

// `tenant_unknown` is answered with 404, `tenant_suspended` with 403, `tenant_busy` with 429, …
app.onError((error) => {
  if (error instanceof DataSourceError) return errorResponse(error);
  throw error;
});

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8787) }, ({ port }) => {
  console.log(`http://localhost:${port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Requests under way are answered, then the connections to the databases are closed.
  process.once(signal, () => server.close(() => dataSourceManager.close()));
}
