// Replaces the keys that seal tenants' claims. A key belongs to the router's login, so key and login are replaced together.
import type { ApplicationDatabase, Author } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { type RotatedLogins, rotateLogins } from './rotate-logins';

type Databases = { application: ApplicationDatabase; operations: OperationsDatabase };

/** Names of the data sources whose key Marquee can replace itself, because it has the owner's URL; also of those whose URLs cannot be read now. */
export async function sealedSources({ dataSources }: Databases['operations']): Promise<string[]> {
  const names: string[] = [];
  for (const { id, name, engine } of await dataSources.list()) {
    if (engine !== 'postgresql') continue;
    const hasOwner = await dataSources.credentials(id).then(
      ({ adminUrl }) => adminUrl !== null,
      () => true,
    );
    if (hasOwner) names.push(name);
  }
  return names;
}

/** Replaces the key of one data source. @throws as `rotateLogins` */
export function rotateSeal(databases: Databases, source: string, by?: Author): Promise<RotatedLogins> {
  return rotateLogins(databases, source, { logins: ['router'] }, by);
}
