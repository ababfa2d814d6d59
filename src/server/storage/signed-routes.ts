// Signed URLs: made by users who may read or upload, and usable without further credentials.
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { sendFile } from '../api/files';
import { checked } from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import type { Caller } from '../rest/tenant-rest';
import { receiveObject, requireMayWrite, requireStorageAccess, storageAccessOf } from './access';
import { decoded, readAddress, requireBucket } from './object-path';
import {
  addressIn,
  bodyOf,
  Integer,
  Names,
  nameIn,
  notOffered,
  refuseVersion,
  saveAs,
  upserts,
} from './request';
import { SignedUrls } from './signed-urls';

const YEAR = 365 * 24 * 60 * 60;
/** Signed URLs that last longer are recorded; shorter ones are how applications show pictures. */
const UNRECORDED = 60 * 60;

const Seconds = Integer.min(1).max(YEAR);
const Transform = z.record(z.string(), z.unknown()).optional();
const SignOne = z.object({ expiresIn: Seconds, transform: Transform, versionId: z.string().optional() });
const SignMany = z.object({ expiresIn: Seconds, paths: Names });

export function addSignedRoutes(routes: Hono<Environment>, parts: ApiDependencies): void {
  const signed = new SignedUrls(parts);

  routes.post('/object/upload/sign/*', async (context) => {
    const access = await requireStorageAccess(context, parts);
    requireMayWrite(access);
    const name = nameIn(context, '/object/upload/sign/');
    await access.objects.expectFree(name, upserts(context));
    return context.json(await signed.forUpload(access.caller, name, upserts(context)));
  });
  routes.put('/object/upload/sign/*', async (context) => {
    const name = nameIn(context, '/object/upload/sign/');
    const { caller, upsert } = await signed.uploadable(context.req.query('token') ?? '', name);
    return receiveObject(context, await storageAccessOf(context, parts, caller), name, upsert);
  });

  routes.get('/object/sign/*', async (context) => {
    const name = nameIn(context, '/object/sign/');
    const { caller, attachmentId } = await signed.readable(context.req.query('token') ?? '', name);
    const { files } = await storageAccessOf(context, parts, caller);
    const file = await files.read(attachmentId);
    const asked = saveAs(context, file.name);
    // The client encodes it twice.
    return sendFile(context, { ...file, saveAs: asked && (decoded(asked) ?? asked) });
  });
  routes.post('/object/sign/*', async (context) => {
    const { caller, objects } = await requireStorageAccess(context, parts);
    const address = addressIn(context, '/object/sign/');
    const body = await bodyOf(context);
    if (address.includes('/')) {
      const name = readAddress(address);
      const { expiresIn, transform, versionId } = checked(SignOne, body);
      if (transform) throw notOffered('Image transformations are');
      refuseVersion(versionId);
      const row = await objects.get(name);
      record(context, caller, { seconds: expiresIn, files: [row.id] });
      return context.json({ signedURL: await signed.forRead(caller, name, row, expiresIn) });
    }
    requireBucket(address);
    const { expiresIn, paths } = checked(SignMany, body);
    const found = await objects.getAll(paths);
    record(context, caller, { seconds: expiresIn, files: [...found.values()].map(({ id }) => id) });
    const answers = paths.map(async (path) => {
      const row = found.get(path);
      return row
        ? { error: null, path, signedURL: await signed.forRead(caller, path, row, expiresIn) }
        : {
            error: 'Either the object does not exist or you do not have access to it',
            path,
            signedURL: null,
          };
    });
    return context.json(await Promise.all(answers));
  });
}

/** For the audit log: what can be read for long without signing in, and whatever a support session signs. */
function record(
  context: Context<Environment>,
  { isSupport }: Caller,
  { seconds, files }: { seconds: number; files: string[] },
): void {
  if (files.length === 0 || (seconds <= UNRECORDED && !isSupport)) return;
  context.set('recorded', { action: 'signed_urls.create', details: { seconds, files } });
}
