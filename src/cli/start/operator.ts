import path from 'node:path';
import { stateDirectory } from '@/lib/configuration';
import type { MailTransport } from '@/lib/crm/delivery/jobs';
import { tenantDataFiles } from '@/lib/tenant-data';
import type { OperatorServices, Services } from '@/server';
import { alertChannels } from '../alert-channels';
import { checkpointKeys, checkpointSinks } from '../audit-settings';
import type { Instance } from '../instance';
import { optionalServices } from '../optional-services';
import { shownSettings } from '../shown-settings';

/**
 * What the operator's console needs, from the configuration.
 *
 * @param effective what holds instead of the configuration, such as the port of an option
 * @param given the environment as it was set: a default does not count as set up, but for the place of backups, which is used
 */
export function operatorServices(
  instance: Instance,
  files: Services['storage'],
  transport: MailTransport | undefined,
  given: Instance['configuration'],
  effective: Partial<Instance['configuration']>,
): OperatorServices {
  const { configuration, secretBox } = instance;
  return {
    secretBox,
    backups: {
      files,
      store: configuration.BACKUP_URL,
      exports: configuration.BACKUP_URL ?? path.join(stateDirectory(), 'exports'),
      erasureKey: Buffer.from(configuration.ENCRYPTION_KEY ?? '', 'hex'),
      retention: configuration.BACKUP_KEEP,
      at: configuration.BACKUP_AT,
      drillsAt: configuration.BACKUP_DRILLS_AT,
      drillDays: configuration.BACKUP_DRILL_DAYS,
      drillSource: configuration.BACKUP_DRILL_SOURCE,
    },
    defaultUrl: configuration.DEFAULT_TENANT_DATA_URL,
    alertChannels: alertChannels(instance, transport),
    checkpoints: {
      keys: () => checkpointKeys(instance),
      sinks: checkpointSinks(configuration),
      file: configuration.AUDIT_CHECKPOINT_FILE,
    },
    schemaFiles: () => tenantDataFiles(),
    settings: async () => ({
      settings: shownSettings(configuration, effective),
      services: optionalServices({ ...given, BACKUP_URL: configuration.BACKUP_URL }),
    }),
  };
}
