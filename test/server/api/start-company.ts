// A running server with every service, and two companies of which the first has a deal ready to close.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { UserRole } from '@/lib/application';
import { createDiskStorage } from '@/lib/crm/storage';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { type ServerOptions, startServer } from '@/server';
import type { Services } from '@/server/dependencies';
import { createInstallation, type Installation } from '../../lib/data-sources/installation';
import { createTestDatabase } from '../../support/postgres';

export type Asker = `${'a' | 'b'}:${UserRole}` | 'anonymous';

export interface Company extends Installation {
  manager: DataSourceManager;
  services: Services;
  port: number;
  /** A superuser's URL of the tenants' database. */
  dataUrl: string;
  tenantIds: Record<'a' | 'b', string>;
  userIds: Record<string, string>;
  /** The whole tenant's client. */
  service(tenant?: 'a' | 'b'): Promise<PostgrestClient>;
  /** The Authorization header of a user. */
  bearer(who: Exclude<Asker, 'anonymous'>): string;
  /** Sends a request as that user; a plain object is sent as JSON. */
  ask(
    who: Asker,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
}

const ROLES: UserRole[] = ['owner', 'manager', 'sales', 'staff', 'viewer'];

/**
 * @param dataServer a superuser's URL of the server that the tenants' data are on. Default: the shared one
 * @param options of the server, such as the built browser's application, where a browser is to use it
 */
export async function startCompany(
  changes: Partial<Services> = {},
  options: Partial<ServerOptions> = {},
  dataServer?: string,
  /** Options that need the installation. */
  further: (installation: Installation) => Promise<Partial<ServerOptions>> = async () => ({}),
): Promise<Company> {
  const installation = await createInstallation();
  const { application, operations, tokens, key } = installation;
  const adminUrl = await createTestDatabase('tenant_data', 'tenant_data', dataServer);
  await provisionDataSource(operations, { name: 'shared-1', kind: 'shared', adminUrl });
  const tenantIds = { a: '', b: '' };
  const userIds: Record<string, string> = {};
  const bearer: Record<string, string> = {};
  for (const subdomain of ['a', 'b'] as const) {
    const tenant = await provisionTenant(installation, {
      name: `Company ${subdomain}`,
      subdomain,
      dataSource: 'shared-1',
    });
    tenantIds[subdomain] = tenant.id;
    for (const role of ROLES) {
      const email = `${role}@${subdomain}.example`;
      const user = await application.users.create({
        tenantId: tenant.id,
        email,
        displayName: `${role} ${subdomain}`,
        role,
      });
      userIds[`${subdomain}:${role}`] = user.id;
      const claims = { userId: user.id, tenantId: tenant.id, role, tokenVersion: user.tokenVersion };
      bearer[`${subdomain}:${role}`] = await tokens.signAccessToken(claims, 3600);
    }
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-files-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const services: Services = {
    secretBox: createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key }),
    storage: createDiskStorage(directory),
    testPaymentSecret: createHash('sha256').update(key).digest('hex'),
    oauthClients: {},
    ...changes,
  };
  const manager = installation.newManager();
  const server = await startServer({
    application,
    operations,
    manager,
    tokens,
    services,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
    ...options,
    ...(await further(installation)),
  });
  after(() => server.close());
  return {
    ...installation,
    manager,
    services,
    port: server.port,
    dataUrl: adminUrl,
    tenantIds,
    userIds,
    service: (tenant = 'a') =>
      manager.getClientForTenant(tenantIds[tenant], true) as Promise<PostgrestClient>,
    bearer: (who) => `Bearer ${bearer[who]}`,
    ask(who, method, address, body, headers = {}) {
      const isStream = body instanceof ReadableStream;
      const plain =
        body !== undefined && !(body instanceof FormData) && typeof body !== 'string' && !isStream;
      return fetch(address.startsWith('http') ? address : `http://127.0.0.1:${server.port}${address}`, {
        method,
        headers: {
          ...(who === 'anonymous' ? {} : { authorization: `Bearer ${bearer[who]}` }),
          ...(plain ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: plain ? JSON.stringify(body) : (body as string | FormData) }),
        ...(isStream ? { duplex: 'half' as const } : {}),
        redirect: 'manual',
      });
    },
  };
}

export interface Deal {
  accountId: string;
  contactId: string;
  opportunityId: string;
  quoteId: string;
  boothId: string;
}

/** A deal of tenant a: a client, a date with a booth on hold, and a draft quote of 1,210.00 with a deposit of half. */
export async function makeDeal(company: Company, name = 'Rivera wedding'): Promise<Deal> {
  const eventDate = new Date(Date.now() + (60 + Math.floor(Math.random() * 900)) * 86_400_000)
    .toISOString()
    .slice(0, 10);
  return company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const id = async (text: string, values: unknown[]) =>
      (await query<{ id: string }>(`${text} returning id`, values)).rows[0]?.id ?? '';
    const accountId = await id("insert into accounts (name, billing_city) values ($1, 'Austin')", [name]);
    const contactId = await id(
      "insert into contacts (first_name, last_name, email) values ('Ana', 'Rivera', 'ana@client.example')",
      [],
    );
    const opportunityId = await id(
      'insert into opportunities (name, account_id, contact_id) values ($1, $2, $3)',
      [name, accountId, contactId],
    );
    const dateId = await id(
      `insert into event_dates (opportunity_id, event_date, start_time, end_time, timezone)
       values ($1, $2, '18:00', '23:00', 'America/Chicago')`,
      [opportunityId, eventDate],
    );
    const typeId = await id('insert into booth_types (name, crew_needed) values ($1, 1)', [
      `Type ${name} ${dateId}`,
    ]);
    const boothId = await id('insert into booths (booth_type_id, name) values ($1, $2)', [
      typeId,
      `Booth ${dateId}`,
    ]);
    await query(
      `insert into booth_assignments (event_date_id, booth_id, status, hold_expires_at)
       values ($1, $2, 'hold', now() + interval '1 day')`,
      [dateId, boothId],
    );
    const quoteId = await id(
      `insert into quotes (opportunity_id, account_id, contact_id, valid_until, deposit_type, deposit_value, terms)
       values ($1, $2, $3, current_date + 14, 'percent', 50, 'Half now, half before the event.')`,
      [opportunityId, accountId, contactId],
    );
    await query(
      `insert into quote_line_items (quote_id, item_type, name, quantity, unit_price, tax_rate)
       values ($1, 'custom', 'Photo booth, 5 hours', 1, 100000, 21)`,
      [quoteId],
    );
    return { accountId, contactId, opportunityId, quoteId, boothId };
  });
}

/** The JSON of an answer that must have this status. */
export async function bodyOf<T = Record<string, never>>(response: Response, status: number): Promise<T> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, got ${response.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
