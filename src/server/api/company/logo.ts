import { createRoute, z } from '@hono/zod-openapi';
import { checkSetting } from '@/lib/crm/settings';
import { inspectFile, shrinkLogo } from '@/lib/crm/storage';
import { GenericRepository } from '@/lib/repositories';
import type { ServerDependencies } from '../../dependencies';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { receiveForm } from '../multipart';
import { createRouter, FormFile } from '../router';

const Upload = z.object({ file: FormFile });

/** `/api/logo`: the logo on the company's documents, stored as the setting `logo`. */
export function logoRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const put = createRoute({
    method: 'put',
    path: '/',
    tags: ['Settings'],
    summary: 'Sets the company’s logo from a picture. For owners and admins.',
    description: 'A JPEG, PNG, WebP or GIF. `PUT /api/settings/logo` with an empty text removes it.',
    request: { body: { required: true, content: { 'multipart/form-data': { schema: Upload } } } },
    responses: { 204: { description: 'Set: documents show it from now on.' } },
  });
  // Described but not checked by the router, which would read the whole form first.
  routes.openAPIRegistry.registerPath(put);
  routes.put('/', async (context) => {
    const { client, tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { file, fileName, claimedType } = await receiveForm(context.req.raw);
    let png: string;
    try {
      await inspectFile(tenant.id, fileName, file, claimedType);
      const content = new Uint8Array(await (await file.content()).arrayBuffer());
      const rendering = { tenantId: tenant.id, signal: context.req.raw.signal };
      png = Buffer.from(await shrinkLogo(content, fileName, rendering)).toString('base64');
    } finally {
      await file.remove();
    }
    const value = checkSetting('logo', `data:image/png;base64,${png}`) as never;
    const settings = new GenericRepository(client, 'tenant_settings');
    const existing = await settings.findOne({ key: 'logo' });
    await (existing ? settings.update(existing.id, { value }) : settings.create({ key: 'logo', value }));
    return context.body(null, 204);
  });
  return routes;
}
