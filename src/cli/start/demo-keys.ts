// Keys of the demo tenants, so that a Supabase client can be tried at once. Only an embedded instance has them.
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stateDirectory } from '@/lib/configuration';
import { ApiKeys } from '@/lib/identity';
import type { Instance } from '../instance';
import { DEMO_TENANTS } from './demo';

/** File with the API keys of the demo's tenants, in the state directory. */
export const DEMO_KEYS_FILE = 'demo-keys.json';

/** Whether commands here reach the embedded demo: its databases, and not others that the environment names. */
export async function isDemo(): Promise<boolean> {
  const { APPLICATION_DATABASE_URL, NEXT_PUBLIC_SUPABASE_URL } = process.env;
  if (APPLICATION_DATABASE_URL || NEXT_PUBLIC_SUPABASE_URL) return false;
  return existsSync(path.join(stateDirectory(), DEMO_KEYS_FILE));
}

export interface DemoKeys {
  anon: string;
  service: string;
}

/**
 * The demo tenants' keys, by subdomain. They are made once and kept in a file that only its owner can read, since the
 * database keeps hashes.
 */
export async function demoKeys(
  { application, operations }: Instance,
  file: string,
): Promise<Record<string, DemoKeys>> {
  const kept: Record<string, DemoKeys> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  const keys = new ApiKeys({ application, operations });
  const missing = DEMO_TENANTS.filter(({ subdomain }) => !kept[subdomain]);
  if (missing.length === 0) return kept;
  for (const { subdomain } of missing) {
    const tenant = await application.tenants.findBySubdomain(subdomain);
    if (!tenant) continue;
    const make = async (kind: 'anon' | 'service') =>
      (await keys.create({ tenantId: tenant.id, kind, name: 'Demo', createdBy: 'system:demo' })).key;
    kept[subdomain] = { anon: await make('anon'), service: await make('service') };
  }
  await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return kept;
}
