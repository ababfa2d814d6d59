// `/storage/v1`: a tenant's attachments as the one bucket `attachments` of Supabase's Storage API.
import { Hono } from 'hono';
import { z } from 'zod';
import { sendFile } from '../api/files';
import { checked } from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { receiveObject, requireMayWrite, requireStorageAccess } from './access';
import { sendStorageError } from './errors';
import { describeBucket, describeInfo, describeObject, ListRequest, listObjects } from './listing';
import { ListV2Request, listObjectsV2 } from './listing-v2';
import { BUCKET, nameOf, readAddress, requireBucket } from './object-path';
import type { Attachment } from './objects';
import { addressIn, bodyOf, Names, nameIn, refuseVersion, saveAs, upserts } from './request';
import { addSignedRoutes } from './signed-routes';

const RemoveMany = z.object({ prefixes: Names });
const Transfer = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string(),
  destinationBucket: z.string().default(BUCKET),
  sourceVersionId: z.string().optional(),
});

export function storageRoutes(parts: ApiDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();
  routes.onError((error, context) => sendStorageError(context, error));

  routes.get('/bucket', async (context) =>
    context.json([describeBucket((await requireStorageAccess(context, parts)).tenant)]),
  );
  routes.get('/bucket/:id', async (context) => {
    const { tenant } = await requireStorageAccess(context, parts);
    requireBucket(context.req.param('id'));
    return context.json(describeBucket(tenant));
  });
  routes.on(['POST', 'PUT', 'DELETE'], ['/bucket', '/bucket/:id', '/bucket/:id/empty'], async (context) => {
    await requireStorageAccess(context, parts);
    throw new RequestError('bucket_fixed', `There is one bucket, ${BUCKET}, which stays as it is.`);
  });

  routes.post('/object/list/:bucket', async (context) => {
    const { objects } = await requireStorageAccess(context, parts);
    requireBucket(context.req.param('bucket'));
    return context.json(await listObjects(objects, checked(ListRequest, await bodyOf(context))));
  });

  routes.post('/object/list-v2/:bucket', async (context) => {
    const { objects } = await requireStorageAccess(context, parts);
    requireBucket(context.req.param('bucket'));
    return context.json(await listObjectsV2(objects, checked(ListV2Request, await bodyOf(context))));
  });

  for (const operation of ['move', 'copy'] as const) {
    routes.post(`/object/${operation}`, async (context) => {
      const access = await requireStorageAccess(context, parts);
      requireMayWrite(access);
      const { objects } = access;
      const transfer = checked(Transfer, await bodyOf(context));
      refuseVersion(transfer.sourceVersionId);
      requireBucket(transfer.bucketId);
      requireBucket(transfer.destinationBucket);
      const [from, to] = [transfer.sourceKey, transfer.destinationKey];
      const row =
        operation === 'move' ? await objects.move(from, to) : await objects.copy(from, to, upserts(context));
      const name = nameOfRow(row);
      const said = { Id: row.id, Key: `${BUCKET}/${name}`, ...describeObject(name, row) };
      return context.json(operation === 'move' ? { ...said, message: 'Successfully moved' } : said);
    });
  }

  addSignedRoutes(routes, parts);

  // Nothing is public.
  routes.on('GET', ['/object/public/*', '/object/info/public/*'], () => {
    throw new RequestError('bucket_not_found', 'Bucket not found', { hint: 'No bucket is public.' });
  });
  for (const base of ['/object/info/authenticated/', '/object/info/']) {
    routes.get(`${base}*`, async (context) => {
      const { objects } = await requireStorageAccess(context, parts);
      const name = nameIn(context, base);
      return context.json(describeInfo(name, await objects.get(name)));
    });
  }
  for (const base of ['/object/authenticated/', '/object/']) {
    routes.get(`${base}*`, async (context) => {
      const { objects, files } = await requireStorageAccess(context, parts);
      const { id, file_name } = await objects.get(nameIn(context, base));
      return sendFile(context, { ...(await files.read(id)), saveAs: saveAs(context, file_name) });
    });
  }
  routes.on(['POST', 'PUT'], '/object/*', async (context) => {
    const access = await requireStorageAccess(context, parts);
    const upsert = context.req.method === 'PUT' || upserts(context);
    return receiveObject(context, access, nameIn(context, '/object/'), upsert);
  });
  routes.delete('/object/*', async (context) => {
    const { objects } = await requireStorageAccess(context, parts);
    const address = addressIn(context, '/object/');
    if (address.includes('/')) {
      const name = readAddress(address);
      await objects.get(name);
      await objects.remove([name]);
      return context.json({ message: 'Successfully deleted' });
    }
    requireBucket(address);
    const removed = await objects.remove(checked(RemoveMany, await bodyOf(context)).prefixes);
    return context.json([...removed].map(([name, row]) => describeObject(name, row)));
  });

  return routes;
}

const nameOfRow = ({ entity_type, entity_id, file_name }: Attachment) =>
  nameOf({ entityType: entity_type, entityId: entity_id, fileName: file_name });
