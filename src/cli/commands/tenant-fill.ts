// `marquee tenant fill`: a demo or test tenant with as many events as a company has after years.
import type { Tenant } from '@/lib/application';
import { withLogin } from '@/lib/data-sources';
import { firstPassword, hashPassword } from '@/lib/identity';
import type { DataSource } from '@/lib/operations';
import { CommandError } from '../errors';
import type { Instance } from '../instance';

export interface FillRequest {
  events: number;
  years: number;
  onProgress(events: number): void;
}

/** How many events a tenant without any gets at most before they are copied: a year of a small company. */
const MODEL_EVENTS = 120;
/** Bookings of a crew member in a year. */
const EVENTS_OF_A_PERSON = 100;

/**
 * Fills a demo or test tenant. What it has stays; a second call goes on where the first ended.
 *
 * @throws CommandError `tenant_not_demo`; as `withLogin`
 */
export async function fillTenant(
  instance: Instance,
  tenant: Tenant,
  { events, years, onProgress }: FillRequest,
): Promise<{ events: number }> {
  const source = await expectFillable(instance, tenant);
  const { fillCompany } = await import('@/lib/crm/demo-company');
  const crewUserIds = await addCrew(instance, tenant, Math.ceil(events / years / EVENTS_OF_A_PERSON));
  await addModel(instance, tenant, Math.min(Math.ceil(events / years), MODEL_EVENTS), crewUserIds);
  let filled = { events: 0 };
  await withLogin('mover', instance.operations, source, async (client) => {
    filled = await fillCompany(client, {
      tenantId: tenant.tenantIdInDataSource,
      events,
      years,
      crewUserIds,
      onProgress: (done) => onProgress(done.events),
    });
  });
  return filled;
}

/** Domains that reach no one (RFC 2606 and 6761). */
const RESERVED_DOMAIN = /(^|[@.])(example|example\.(com|net|org)|test|invalid|localhost)$/i;

/** A tenant whose people all have addresses that reach no one is a demo or a test: real people sign in with theirs. */
async function expectFillable(instance: Instance, tenant: Tenant): Promise<DataSource> {
  const users = await instance.application.users.list(tenant.id);
  if (users.length === 0 || !users.every(({ email }) => RESERVED_DOMAIN.test(email))) {
    throw new CommandError('tenant_not_demo', `${tenant.name} may be a real company: nothing was written.`, {
      hint: 'Made-up records go only into tenants whose people all have addresses at example.com, .example or .test. Make one: marquee tenant create big --name Big --owner ann@big.example',
    });
  }
  if (!tenant.dataSourceId) {
    throw new CommandError('tenant_not_demo', `${tenant.name} has no data source yet.`, {
      hint: `Give it one: marquee tenant place ${tenant.subdomain}`,
    });
  }
  return instance.operations.dataSources.get(tenant.dataSourceId);
}

/** As many people as the events need; no one knows their password. */
async function addCrew({ application }: Instance, tenant: Tenant, wanted: number): Promise<string[]> {
  const users = await application.users.list(tenant.id);
  const crew = users.filter(({ role }) => role === 'staff').map(({ id }) => id);
  const domain = users[0]?.email.split('@')[1] ?? 'crew.example';
  const passwordHash = await hashPassword(firstPassword());
  for (let number = crew.length + 1; number <= wanted; number++) {
    const { id } = await application.users.create({
      tenantId: tenant.id,
      email: `crew${number}@${domain}`,
      displayName: `Crew ${number}`,
      role: 'staff',
      passwordHash,
    });
    crew.push(id);
  }
  return crew;
}

/** The first year, where the tenant has no events yet. */
async function addModel(
  instance: Instance,
  tenant: Tenant,
  events: number,
  crewUserIds: string[],
): Promise<void> {
  const { seedDemoCompany } = await import('@/lib/crm/demo-company');
  const { dataSourceManager } = await import('@/lib/data-sources/manager');
  const users = await instance.application.users.list(tenant.id);
  const salesUserIds = users.filter(({ role }) => role !== 'staff').map(({ id }) => id);
  try {
    await dataSourceManager.withTenantTransaction(tenant.id, async (transaction) => {
      const { rows } = await transaction.query('select from public.events limit 1');
      if (rows.length > 0) return;
      await seedDemoCompany(transaction, { seed: 1, events, name: tenant.name, salesUserIds, crewUserIds });
    });
  } finally {
    await dataSourceManager.close();
  }
}
