// What operators do with requests of tenants' owners, at the command line and in the console.
import type { ApplicationDatabase, Author } from '@/lib/application';
import { provisionDataSource } from '@/lib/data-sources';
import {
  type CustomerRequest,
  type DataSource,
  expectRegion,
  type OperationsDatabase,
  OperationsError,
} from '@/lib/operations';

interface Databases {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
}

/** Longer answers are cut off. */
const LONGEST_ANSWER = 1_000;

/**
 * Ends an open request with an answer that the tenant's owners read. What it had of their database is forgotten.
 *
 * @throws OperationsError `customer_request_unknown` where it was answered or withdrawn meanwhile
 */
export async function answerRequest(
  { application, operations }: Databases,
  { id, kind, tenantId }: Pick<CustomerRequest, 'id' | 'kind' | 'tenantId'>,
  state: 'done' | 'declined',
  answer: string | null,
  by: Author,
): Promise<CustomerRequest> {
  const text = answer?.slice(0, LONGEST_ANSWER) || null;
  const ended = await operations.customerRequests.end({ id }, state, by.actor, text);
  await application.audit.append(
    {
      ...{ tenantId, action: 'customer_requests.answer', entity: 'customer_requests', entityId: id },
      details: { kind, state, answer: ended.answer },
    },
    by,
  );
  return ended;
}

/**
 * Tests and sets up the database that a tenant's owners gave, adds it as a data source, and answers their request. The data stay where they
 * are until the tenant is moved.
 *
 * @param options.name of the data source. Default: the tenant's subdomain
 * @param options.networks besides the internet in which the database may be, as CIDRs
 * @throws OperationsError `customer_request_unknown`, `region_refused`; as `provisionDataSource`: then the request stays open
 */
export async function addRequestedDatabase(
  databases: Databases,
  request: CustomerRequest,
  {
    name,
    answer = null,
    networks,
    by,
  }: { name?: string | undefined; answer?: string | null; networks: readonly string[]; by: Author },
): Promise<{ request: CustomerRequest; dataSource: DataSource; steps: string[] }> {
  const { application, operations } = databases;
  if (request.kind !== 'own_database')
    throw new OperationsError('customer_request_unknown', 'This request is not for a database.');
  const tenant = await application.tenants.get(request.tenantId);
  const region = request.region ?? undefined;
  const source = { name: name ?? tenant.subdomain, ...(region ? { region } : {}) };
  expectRegion(tenant.requiredRegion, [{ name: source.name, region }]);
  const { url, ca } = await operations.customerRequests.databaseOf(request.id);
  const dataSources = operations.dataSources.by(by);
  const { dataSource, steps } = await provisionDataSource(
    { ...operations, dataSources },
    {
      ...{ ...source, kind: 'byod', adminUrl: url, capacity: 1, networks: [...networks] },
      ...(ca ? { ca } : {}),
    },
  );
  return { request: await answerRequest(databases, request, 'done', answer, by), dataSource, steps };
}
