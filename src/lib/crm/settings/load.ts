import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { readSetting, type SettingKey, type SettingValue } from './settings';

/** The named settings, each with its stored or initial value, read in one request. */
export async function loadSettings<Key extends SettingKey>(
  client: TenantClient,
  keys: readonly Key[],
): Promise<{ [K in Key]: SettingValue<K> }> {
  const { rows } = await new GenericRepository(client, 'tenant_settings').list({
    filter: { key: keys },
    limit: keys.length,
  });
  const stored = new Map(rows.map(({ key, value }) => [key, value]));
  return Object.fromEntries(keys.map((key) => [key, readSetting(key, stored.get(key))])) as {
    [K in Key]: SettingValue<K>;
  };
}
