import { hash } from '@node-rs/argon2';
import type { User, UserRole } from '@/lib/application';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Instance } from '../instance';
import { DEMO_OPERATOR, enrolDemoOperator } from './demo-operator';

/** The password of every demo account. They exist only in an embedded instance, which listens on this machine alone. */
export const DEMO_PASSWORD = 'photobooth';

export const OWN_DATABASES = ['application', 'operations', 'shared_1', 'shared_2', 'dedicated_e'];
export const CUSTOMER_DATABASES = ['byod_f'];

const SOURCES = [
  { name: 'shared-1', kind: 'shared', database: 'shared_1' },
  { name: 'shared-2', kind: 'shared', database: 'shared_2' },
  { name: 'dedicated-e', kind: 'dedicated', database: 'dedicated_e' },
  { name: 'customer-f', kind: 'byod', database: 'byod_f' },
] as const;

/** The specification's diagram: two tenants on each shared database, one on its own, one on the customer's. */
export const DEMO_TENANTS = [
  { subdomain: 'a', name: 'Aperture Photo Booths', source: 'shared-1', events: 260, color: '#b4235a' },
  { subdomain: 'b', name: 'Bright Side Booths', source: 'shared-1', events: 90, color: '#1864ab' },
  { subdomain: 'c', name: 'Candid Corner', source: 'shared-2', events: 60, color: '#2b8a3e' },
  { subdomain: 'd', name: 'Daylight Events', source: 'shared-2', events: 40, color: '#e8590c' },
  { subdomain: 'e', name: 'Encore Event Rentals', source: 'dedicated-e', events: 200, color: '#5f3dc4' },
  {
    subdomain: 'f',
    name: 'Fairground Rentals',
    source: 'customer-f',
    events: 60,
    color: '#0b7285',
    // The customer's own id for itself: theirs was there first.
    tenantIdInDataSource: 'f0000000-0000-4000-8000-00000000000f',
  },
] as const;

const PEOPLE: { name: string; role: UserRole }[] = [
  { name: 'Olivia Owner', role: 'owner' },
  { name: 'Adam Admin', role: 'admin' },
  { name: 'Mia Manager', role: 'manager' },
  { name: 'Sam Sales', role: 'sales' },
  { name: 'Stella Staff', role: 'staff' },
  { name: 'Tom Staff', role: 'staff' },
  { name: 'Nina Staff', role: 'staff' },
  { name: 'Victor Viewer', role: 'viewer' },
];

/** `owner@a.example`; further people of a role are counted: `staff2@a.example`. */
function emailOf(index: number, subdomain: string): string {
  const role = PEOPLE[index]?.role ?? 'viewer';
  const before = PEOPLE.slice(0, index).filter((person) => person.role === role).length;
  return `${role}${before > 0 ? before + 1 : ''}@${subdomain}.example`;
}

export interface DemoOptions {
  /** Superuser URL of a database on the embedded servers. */
  urlOf(database: string): string;
  /** Whether each company gets a year of its business. */
  withData: boolean;
  say(step: string): void;
}

/** Makes what is missing of the diagram: data sources, tenants, their people and a year of each company. */
export async function provisionDemo(
  instance: Instance,
  manager: DataSourceManager,
  options: DemoOptions,
): Promise<void> {
  const passwordHash = await hash(DEMO_PASSWORD);
  const { application, operations } = instance;
  for (const { name, kind, database } of SOURCES) {
    if (await operations.dataSources.find(name)) continue;
    options.say(`Preparing database ${name}`);
    const adminUrl = options.urlOf(database);
    await provisionDataSource(operations, { name, kind, adminUrl, networks: 'any', region: 'local' });
  }
  if (!(await application.users.findByEmail(null, DEMO_OPERATOR))) {
    const operator = await application.users.create({
      tenantId: null,
      email: DEMO_OPERATOR,
      displayName: 'Otto Operator',
      role: 'operator',
      passwordHash,
    });
    await enrolDemoOperator(instance, operator.id);
  }
  // Side by side for each database, one after another within it.
  const chains = SOURCES.map(async ({ name }) => {
    for (const demo of DEMO_TENANTS.filter((tenant) => tenant.source === name)) {
      if (await application.tenants.findBySubdomain(demo.subdomain)) continue;
      options.say(`Setting up tenant ${demo.subdomain.toUpperCase()}, ${demo.name}`);
      await provisionDemoTenant(instance, manager, demo, { passwordHash, withData: options.withData });
    }
  });
  // All chains end before a failure is reported, so that none still writes afterwards.
  for (const chain of await Promise.allSettled(chains)) if (chain.status === 'rejected') throw chain.reason;
}

async function provisionDemoTenant(
  instance: Instance,
  manager: DataSourceManager,
  demo: (typeof DEMO_TENANTS)[number],
  { passwordHash, withData }: { passwordHash: string; withData: boolean },
): Promise<void> {
  const tenant = await provisionTenant(instance, {
    name: demo.name,
    subdomain: demo.subdomain,
    dataSource: demo.source,
    ...('tenantIdInDataSource' in demo ? { tenantIdInDataSource: demo.tenantIdInDataSource } : {}),
  });
  const users: User[] = [];
  for (const [position, { name, role }] of PEOPLE.entries()) {
    const email = emailOf(position, demo.subdomain);
    const account = { tenantId: tenant.id, email, displayName: name, role, passwordHash };
    users.push(await instance.application.users.create(account));
  }
  if (!withData) return;
  const { seedDemoCompany } = await import('@/lib/crm/demo-company');
  const idsOf = (...roles: UserRole[]) =>
    users.filter((user) => roles.includes(user.role)).map((user) => user.id);
  await manager.withTenantTransaction(tenant.id, (transaction) =>
    seedDemoCompany(transaction, {
      seed: DEMO_TENANTS.indexOf(demo) + 1,
      events: demo.events,
      name: demo.name,
      primaryColor: demo.color,
      salesUserIds: idsOf('sales', 'manager'),
      crewUserIds: idsOf('staff'),
    }),
  );
}
