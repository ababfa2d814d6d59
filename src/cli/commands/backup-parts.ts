import path from 'node:path';
import type { BackupDependencies } from '@/lib/backups';
import { stateDirectory } from '@/lib/configuration';
import { cliActor, type Instance, withInstance } from '../instance';
import { openStorage } from '../start/services';

export interface Json {
  json?: boolean;
}

export interface From extends Json {
  from?: string;
}

/** Who asks for it, for the record. */
export const by = () => ({ requestedBy: cliActor() });

export function withBackups<T>(
  work: (backups: BackupDependencies, instance: Instance) => Promise<T>,
): Promise<T> {
  return withInstance((instance) => {
    const { application, operations, secretBox, configuration } = instance;
    const directory = configuration.FILES_DIRECTORY ?? path.join(stateDirectory(), 'files');
    return work({ application, operations, secretBox, files: openStorage(instance, directory) }, instance);
  });
}
