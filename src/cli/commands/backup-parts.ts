import path from 'node:path';
import type { BackupDependencies } from '@/lib/backups';
import { stateDirectory } from '@/lib/configuration';
import { readNames } from '@/lib/data-sources';
import { cliActor, type Instance, withInstance } from '../instance';
import { forEachNamed } from '../output';
import { openStorage } from '../start/services';

export interface Json {
  json?: boolean;
}

export interface From extends Json {
  from?: string;
}

/** Who asks for it, for the record. */
export const by = () => ({ requestedBy: cliActor() });

/** As `forEachNamed`, for ids of tenants. */
export async function forEachTenant(
  instance: Instance,
  tenants: readonly string[],
  json: boolean | undefined,
  work: (tenantId: string) => Promise<void>,
): Promise<void> {
  const names = await readNames(instance, tenants);
  const byName = new Map(tenants.map((id) => [names.tenant(id), id]));
  await forEachNamed([...byName.keys()], json, (name) => work(byName.get(name) ?? name));
}

export function withBackups<T>(
  work: (backups: BackupDependencies, instance: Instance) => Promise<T>,
): Promise<T> {
  return withInstance((instance) => {
    const { application, operations, secretBox, configuration } = instance;
    const directory = configuration.FILES_DIRECTORY ?? path.join(stateDirectory(), 'files');
    return work({ application, operations, secretBox, files: openStorage(instance, directory) }, instance);
  });
}
