import { createRoute, z } from '@hono/zod-openapi';
import { checkSetting } from '@/lib/crm/settings';
import { inspectFile, shrinkLogo } from '@/lib/crm/storage';
import { GenericRepository } from '@/lib/repositories';
import { requireTenantContext, type ServerParts } from '../context';
import { createRouter } from './router';

const Upload = z.object({ file: z.instanceof(File).openapi({ type: 'string', format: 'binary' }) });

/** `/api/logo`: the picture above the company's documents. It is kept as setting `logo`. */
export function logoRoutes(parts: ServerParts) {
  const routes = createRouter();
  const put = createRoute({
    method: 'put',
    path: '/',
    tags: ['Settings'],
    summary: 'Sets the company’s logo from a picture. For owners and admins.',
    description: 'A JPEG, PNG, WebP or GIF. `PUT /api/settings/logo` with an empty text takes it away.',
    request: { body: { required: true, content: { 'multipart/form-data': { schema: Upload } } } },
    responses: { 204: { description: 'It stands on every document from now on.' } },
  });
  routes.openapi(put, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const { file } = context.req.valid('form');
    const content = new Uint8Array(await file.arrayBuffer());
    await inspectFile(tenant.id, file.name, content, file.type);
    const png = Buffer.from(
      await shrinkLogo(content, file.name, { tenantId: tenant.id, signal: context.req.raw.signal }),
    ).toString('base64');
    const value = checkSetting('logo', `data:image/png;base64,${png}`) as never;
    const settings = new GenericRepository(client, 'tenant_settings');
    const existing = await settings.findOne({ key: 'logo' });
    await (existing ? settings.update(existing.id, { value }) : settings.create({ key: 'logo', value }));
    return context.body(null, 204);
  });
  return routes;
}
