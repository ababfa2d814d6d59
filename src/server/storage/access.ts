// The caller of a storage request, the tenant, and its files as the caller may use them.

import type { Context } from 'hono';
import type { Tenant } from '@/lib/application';
import { Attachments } from '@/lib/crm/storage';
import type { TenantClient } from '@/lib/data-sources';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { requireRole, STAFF } from '../require-role';
import { actorOf, type Caller, identify } from '../rest/tenant-rest';
import { refuseInactive, requireTenant } from '../tenant-context';
import { BUCKET, nameOf } from './object-path';
import { Objects } from './objects';
import { receiveUpload } from './uploads';

export interface StorageAccess {
  caller: Caller;
  tenant: Tenant;
  files: Attachments;
  objects: Objects;
}

/** For the user or key of the request. @throws RequestError `not_signed_in`, `forbidden`, `tenant_*`; IdentityError; SecretError `token_*` */
export async function requireStorageAccess(
  context: Context<Environment>,
  parts: ApiDependencies,
): Promise<StorageAccess> {
  const caller = await identify(context, parts);
  context.set('actor', actorOf(caller));
  return storageAccessOf(context, parts, caller);
}

/** As the caller of a request, or who signed its URL. */
export async function storageAccessOf(
  context: Context<Environment>,
  parts: ApiDependencies,
  caller: Caller,
): Promise<StorageAccess> {
  const { tenantId, useServiceRole, accessToken, userId } = caller;
  const tenant = await requireSameTenant(context, parts, tenantId);
  const options = accessToken === undefined ? {} : { accessToken };
  const client = await parts.manager.getClientForTenant(tenantId, useServiceRole, options);
  const files = filesOf(parts, tenantId, client);
  const trusted = async () =>
    filesOf(parts, tenantId, await parts.manager.getClientForTenant(tenantId, true));
  return {
    caller,
    tenant,
    files,
    objects: new Objects(client, files, trusted, tenantId, userId),
  };
}

function filesOf(parts: ApiDependencies, tenantId: string, client: TenantClient): Attachments {
  return new Attachments(client, parts.services.storage, tenantId, () =>
    parts.manager.getClientForTenant(tenantId, true),
  );
}

/** The tenant; the address names none or the same. @throws RequestError `signed_url_invalid`, `tenant_*` */
async function requireSameTenant(
  context: Context<Environment>,
  parts: ApiDependencies,
  tenantId: string,
): Promise<Tenant> {
  const { subdomain } = context.env;
  if (subdomain !== undefined && (await requireTenant(subdomain, parts)).id !== tenantId)
    throw new RequestError('signed_url_invalid', 'The token is for another company.');
  const tenant = await parts.application.tenants.get(tenantId);
  refuseInactive(tenant);
  context.set('tenantId', tenantId);
  return tenant;
}

/** Before anything of a file is read. @throws RequestError `forbidden` */
export function requireMayWrite({ caller }: StorageAccess): void {
  if (caller.userRole !== undefined) requireRole({ role: caller.userRole }, STAFF);
}

/** Stores the request's file under a name, and answers. */
export async function receiveObject(
  context: Context<Environment>,
  access: StorageAccess,
  name: string,
  upsert: boolean,
): Promise<Response> {
  requireMayWrite(access);
  const path = await access.objects.expectFree(name, upsert);
  const upload = await receiveUpload(context.req.raw);
  try {
    const { id } = await access.objects.put(path, upload, upsert);
    return context.json({ Id: id, Key: `${BUCKET}/${nameOf(path)}` });
  } finally {
    await upload.file.remove();
  }
}
