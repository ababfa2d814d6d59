import type { Author } from '@/lib/application';
import type { RotationDependencies } from './dependencies';
import { RotationError } from './errors';
import { secretsStatus } from './secrets';

/**
 * Retires a key, so that it may be taken out of the configuration or destroyed. From then on no process starts that would
 * encrypt with it.
 *
 * @param key as `secretsStatus` names it; of a key with versions, one version
 * @throws RotationError `key_in_use`, `key_unknown`, `secrets_unreachable`
 */
export async function retireKey(parts: RotationDependencies, key: string, by: Author): Promise<void> {
  const { operations, secretBox, application } = parts;
  const { present, stores, retired, processes, problems } = await secretsStatus(parts);
  if (retired.includes(key)) return;
  const needed = stores.flatMap(({ store, keys }) => (keys[key] ? [`${keys[key]} in ${store}`] : []));
  if (needed.length > 0) {
    throw new RotationError('key_in_use', `Secrets are still under ${key}: ${needed.join(', ')}.`, {
      hint: 'Bring them to the present key: marquee secrets rotate',
    });
  }
  const writers = processes.filter(({ wraps }) => wraps === key).map(({ host, pid }) => `${host} (${pid})`);
  if (key === present || writers.length > 0) {
    throw new RotationError(
      'key_in_use',
      `${writers.length > 0 ? writers.join(', ') : 'This process'} still encrypts with ${key}.`,
      { hint: 'Set another ENCRYPTION_KEY or KEY_PROVIDER for every process, then run it again.' },
    );
  }
  if (problems.length > 0) {
    throw new RotationError('secrets_unreachable', `Not every secret could be read: ${problems.join(' ')}`, {
      hint: 'Run it again when all databases answer.',
    });
  }
  const isKnown = secretBox.keys.opens.some((prefix) => key.startsWith(prefix));
  if (!isKnown) {
    throw new RotationError('key_unknown', `There is no key ${key}.`, {
      hint: 'List the keys with: marquee secrets status',
    });
  }
  await application.audit.append({ action: 'secrets.retire', entity: 'secrets', entityId: key }, by);
  await operations.retiredKeys.add(key);
}
