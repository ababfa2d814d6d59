// `/storage/v1`: a tenant's attachments as the one bucket `attachments` of Supabase's Storage API.
import type { PostgrestClient } from '@supabase/postgrest-js';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Tenant } from '@/lib/application';
import { Attachments } from '@/lib/crm/storage';
import { sendFile } from '../api/files';
import { requireMayAttach } from '../api/multipart';
import { checked } from '../api/router';
import { type ApiParts, serviceClient } from '../api/services';
import { type Environment, refuseInactive, requireTenant } from '../context';
import { RequestError } from '../errors';
import { type Asker, identify } from '../tenant-rest';
import { sendStorageError } from './errors';
import { describeBucket, describeInfo, describeObject, ListRequest, listObjects } from './listing';
import { BUCKET, decoded, nameOf, readAddress, requireBucket } from './object-path';
import { type Attachment, Objects } from './objects';
import { SignedUrls } from './signed-urls';
import { receiveUpload } from './uploads';

/** Names of one request: their rows are removed in one statement. */
const MANY = 200;
const YEAR = 365 * 24 * 60 * 60;

const Seconds = z.number().int().min(1).max(YEAR);
const Transform = z.record(z.string(), z.unknown()).optional();
const SignOne = z.object({ expiresIn: Seconds, transform: Transform, versionId: z.string().optional() });
const Names = z.array(z.string()).min(1).max(MANY);
const SignMany = z.object({ expiresIn: Seconds, paths: Names });
const RemoveMany = z.object({ prefixes: Names });
const Transfer = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string(),
  destinationBucket: z.string().default(BUCKET),
  sourceVersionId: z.string().optional(),
});

export function storageRoutes(parts: ApiParts): Hono<Environment> {
  const routes = new Hono<Environment>();
  const signed = new SignedUrls(parts);
  routes.onError((error, context) => sendStorageError(context, error));

  const filesOf = (client: PostgrestClient, tenantId: string) =>
    new Attachments(client, parts.services.storage, tenantId, () => serviceClient(parts, tenantId));

  /** The tenant that is asked for; the one in the address, where there is one. */
  const tenantOf = async (context: Context<Environment>, tenantId: string): Promise<Tenant> => {
    const { subdomain } = context.env;
    if (subdomain !== undefined && (await requireTenant(subdomain, parts)).id !== tenantId)
      throw new RequestError('signed_url_invalid', 'The token is for another company.');
    const tenant = await parts.application.tenants.get(tenantId);
    refuseInactive(tenant);
    context.set('tenantId', tenantId);
    return tenant;
  };

  const open = async (context: Context<Environment>, asker: Asker) => {
    const { tenantId, useServiceRole, accessToken, userId } = asker;
    const tenant = await tenantOf(context, tenantId);
    const options = accessToken === undefined ? {} : { accessToken };
    const client = (await parts.manager.getClientForTenant(
      tenantId,
      useServiceRole,
      options,
    )) as PostgrestClient;
    const files = filesOf(client, tenantId);
    const trusted = async () => filesOf(await serviceClient(parts, tenantId), tenantId);
    return { asker, tenant, files, objects: new Objects(client, files, trusted, tenantId, userId) };
  };
  const enter = async (context: Context<Environment>) => open(context, await identify(context, parts));

  routes.get('/bucket', async (context) => context.json([describeBucket((await enter(context)).tenant)]));
  routes.get('/bucket/:id', async (context) => {
    const { tenant } = await enter(context);
    requireBucket(context.req.param('id'));
    return context.json(describeBucket(tenant));
  });
  routes.on(['POST', 'PUT', 'DELETE'], ['/bucket', '/bucket/:id', '/bucket/:id/empty'], async (context) => {
    await enter(context);
    throw new RequestError('bucket_fixed', `There is one bucket, ${BUCKET}, which stays as it is.`);
  });

  routes.post('/object/list/:bucket', async (context) => {
    const { objects } = await enter(context);
    requireBucket(context.req.param('bucket'));
    return context.json(await listObjects(objects, checked(ListRequest, await bodyOf(context))));
  });

  for (const operation of ['move', 'copy'] as const) {
    routes.post(`/object/${operation}`, async (context) => {
      const { asker, objects } = await enter(context);
      const transfer = checked(Transfer, await bodyOf(context));
      refuseVersion(transfer.sourceVersionId);
      requireBucket(transfer.bucketId);
      requireBucket(transfer.destinationBucket);
      const [from, to] = [transfer.sourceKey, transfer.destinationKey];
      if (asker.userRole !== undefined) requireMayAttach(asker.userRole);
      const row =
        operation === 'move' ? await objects.move(from, to) : await objects.copy(from, to, upserts(context));
      const name = nameOfRow(row);
      const said = { Id: row.id, Key: `${BUCKET}/${name}`, ...describeObject(name, row) };
      return context.json(operation === 'move' ? { ...said, message: 'Successfully moved' } : said);
    });
  }

  const receive = async (
    context: Context<Environment>,
    { asker, objects }: Awaited<ReturnType<typeof open>>,
    name: string,
    upsert: boolean,
  ) => {
    if (asker.userRole !== undefined) requireMayAttach(asker.userRole);
    const path = await objects.expectFree(name, upsert);
    const upload = await receiveUpload(context.req.raw);
    try {
      const { id } = await objects.put(path, upload, upsert);
      return context.json({ Id: id, Key: `${BUCKET}/${nameOf(path)}` });
    } finally {
      await upload.file.remove();
    }
  };

  routes.post('/object/upload/sign/*', async (context) => {
    const { asker, objects } = await enter(context);
    if (asker.userRole !== undefined) requireMayAttach(asker.userRole);
    const name = nameIn(context, '/object/upload/sign/');
    await objects.expectFree(name, upserts(context));
    return context.json(await signed.forUpload(asker, name, upserts(context)));
  });
  routes.put('/object/upload/sign/*', async (context) => {
    const name = nameIn(context, '/object/upload/sign/');
    const { asker, upsert } = await signed.uploadable(context.req.query('token') ?? '', name);
    return receive(context, await open(context, asker), name, upsert);
  });

  routes.get('/object/sign/*', async (context) => {
    const name = nameIn(context, '/object/sign/');
    const { tenantId, attachmentId } = await signed.readable(context.req.query('token') ?? '', name);
    await tenantOf(context, tenantId);
    const file = await filesOf(await serviceClient(parts, tenantId), tenantId).read(attachmentId);
    const asked = saveAs(context, file.name);
    // The client encodes it twice.
    return sendFile(context, { ...file, saveAs: asked && (decoded(asked) ?? asked) });
  });
  routes.post('/object/sign/*', async (context) => {
    const { asker, objects } = await enter(context);
    const address = addressIn(context, '/object/sign/');
    const body = await bodyOf(context);
    if (address.includes('/')) {
      const name = readAddress(address);
      const { expiresIn, transform, versionId } = checked(SignOne, body);
      if (transform) throw notOffered('Image transformations are');
      refuseVersion(versionId);
      const row = await objects.get(name);
      return context.json({ signedURL: await signed.forRead(asker.tenantId, name, row, expiresIn) });
    }
    requireBucket(address);
    const { expiresIn, paths } = checked(SignMany, body);
    const found = await objects.getAll(paths);
    const answers = paths.map(async (path) => {
      const row = found.get(path);
      return row
        ? { error: null, path, signedURL: await signed.forRead(asker.tenantId, path, row, expiresIn) }
        : {
            error: 'Either the object does not exist or you do not have access to it',
            path,
            signedURL: null,
          };
    });
    return context.json(await Promise.all(answers));
  });

  // Nothing is public.
  routes.on('GET', ['/object/public/*', '/object/info/public/*'], () => {
    throw new RequestError('bucket_not_found', 'Bucket not found', { hint: 'No bucket is public.' });
  });
  for (const base of ['/object/info/authenticated/', '/object/info/']) {
    routes.get(`${base}*`, async (context) => {
      const { objects } = await enter(context);
      const name = nameIn(context, base);
      return context.json(describeInfo(name, await objects.get(name)));
    });
  }
  for (const base of ['/object/authenticated/', '/object/']) {
    routes.get(`${base}*`, async (context) => {
      const { objects, files } = await enter(context);
      const { id, file_name } = await objects.get(nameIn(context, base));
      return sendFile(context, { ...(await files.read(id)), saveAs: saveAs(context, file_name) });
    });
  }
  routes.on(['POST', 'PUT'], '/object/*', async (context) => {
    const opened = await enter(context);
    const upsert = context.req.method === 'PUT' || upserts(context);
    return receive(context, opened, nameIn(context, '/object/'), upsert);
  });
  routes.delete('/object/*', async (context) => {
    const { objects } = await enter(context);
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

/** What follows a route in the address: bucket and name, percent-encoded. */
function addressIn(context: Context, base: string): string {
  const { pathname } = new URL(context.req.url);
  return pathname.slice(pathname.indexOf(`/storage/v1${base}`) + `/storage/v1${base}`.length);
}

function nameIn(context: Context, base: string): string {
  refuseVersion(context.req.query('versionId'));
  return readAddress(addressIn(context, base));
}

const upserts = (context: Context) => context.req.header('x-upsert') === 'true';
const nameOfRow = ({ entity_type, entity_id, file_name }: Attachment) =>
  nameOf({ entityType: entity_type, entityId: entity_id, fileName: file_name });

/** `?download` saves a file under its own name, `?download=x` under another. */
function saveAs(context: Context, name: string): string | undefined {
  const asked = context.req.query('download');
  return asked === undefined ? undefined : asked || name;
}

async function bodyOf(context: Context): Promise<unknown> {
  return context.req.json().catch(() => {
    throw new RequestError('request_malformed', 'The body is not JSON.', { hint: 'Send application/json.' });
  });
}

function refuseVersion(version: string | undefined): void {
  if (version !== undefined) throw notOffered('Versions of files are');
}

function notOffered(what: string): RequestError {
  return new RequestError('not_offered', `${what} not offered here.`, { hint: 'See /docs/connect.' });
}
