// Changes of the table `tenants`; what the database refuses becomes an error of this room.
import pg from 'pg';
import { type Author, type ChangeOptions, type Database, violatedConstraint } from './database';
import { ApplicationError } from './errors';
import type { Statement } from './statements';
import { isId, type Tenant, unknownTenant } from './tenant';

/**
 * @param values the statement's; the first is the tenant's id
 * @returns the changed rows: none where the statement finds none
 * @throws ApplicationError `tenant_unknown`, `subdomain_taken`, `place_taken`, `connection_pool_config_invalid`, `tenant_invalid`
 */
export async function changeTenants(
  database: Database,
  statement: Statement,
  values: unknown[],
  by: Author | undefined,
  options?: ChangeOptions<Tenant>,
): Promise<Tenant[]> {
  if (!isId(String(values[0]))) throw unknownTenant(String(values[0]));
  try {
    return await database.change<Tenant>(by, statement, values, options);
  } catch (error) {
    throw refusal(error) ?? error;
  }
}

/** As `changeTenants`, of one tenant. @throws also ApplicationError `tenant_unknown` where the statement finds none */
export async function changeTenant(
  database: Database,
  statement: Statement,
  values: unknown[],
  by: Author | undefined,
  options?: ChangeOptions<Tenant>,
): Promise<Tenant> {
  const [tenant] = await changeTenants(database, statement, values, by, options);
  if (!tenant) throw unknownTenant(String(values[0]));
  return tenant;
}

function refusal(error: unknown): ApplicationError | undefined {
  if (error instanceof pg.DatabaseError && error.code === 'MQ012') {
    const { message, hint } = error;
    return new ApplicationError('connection_pool_config_invalid', message, { hint });
  }
  const constraint = violatedConstraint(error);
  if (constraint === undefined) return undefined;
  if (constraint === 'tenants_subdomain_key') {
    return new ApplicationError('subdomain_taken', 'Another tenant has this subdomain.', {
      hint: 'Choose another one.',
    });
  }
  if (constraint === 'tenants_one_place') {
    return new ApplicationError('place_taken', 'Another tenant has this id in this data source.', {
      hint: 'Each tenant of a data source needs a tenant_id_in_data_source of its own.',
    });
  }
  return new ApplicationError('tenant_invalid', `The tenant is not valid (${constraint}).`, {
    hint: 'Check its name, status and tenant_id_in_data_source (a UUID).',
    cause: error,
  });
}
