// Queues and runs synchronizations of connected calendars and books.
import type { TenantClient } from '@/lib/data-sources';
import type { Job } from '@/lib/operations';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { loadEntries } from '../calendar';
import { dateIn } from '../dates';
import { loadSettings } from '../settings/load';
import { Books } from './books/books';
import { QuickBooks } from './books/quickbooks';
import { pushCalendar } from './calendars/google-calendar';
import { connectionNote } from './connection-note';
import type { DeliveryDependencies } from './dependencies';
import { OAuthError, type OAuthTokens, refreshTokens, registeredProvider } from './oauth';
import { freshTokens } from './oauth/tokens';
import type { OutboxEvent } from './outbox-event';
import { type SyncApi, SyncError } from './vendor-api';

export type Connection = Pick<
  RowOf<'user_integrations'>,
  'id' | 'provider' | 'user_id' | 'scopes' | 'status'
>;

const CALENDAR = 'sync-calendar';
const BOOKS = 'sync-books';
/** Retries for about a day, as for webhooks, so that a connection can be renewed meanwhile. */
const RETRIES = { retryLimit: 14, retryDelay: 30, retryBackoff: true, retryDelayMax: 3 * 3600 };
/** A calendar is always synchronized as a whole, so one waiting job is enough. */
const CALENDAR_RETRIES = { ...RETRIES, policy: 'short' };

interface CalendarJob {
  tenantId: string;
  integrationId: string;
}

/** One row for the books. */
interface BooksJob extends CalendarJob {
  entity: 'account' | 'invoice' | 'payment';
  id: string;
}

/** The events that concern the books. */
const BOOKED: Record<string, BooksJob['entity']> = {
  'account.updated': 'account',
  'invoice.sent': 'invoice',
  'invoice.voided': 'invoice',
  'payment.received': 'payment',
  'payment.refunded': 'payment',
};

/** Queues synchronizations of connected calendars and books for these events. */
export async function queueSyncs(
  parts: DeliveryDependencies,
  tenantId: string,
  connections: Connection[],
  events: OutboxEvent[],
): Promise<void> {
  const { jobs } = parts.operations;
  for (const { id: integrationId, provider } of connections) {
    if (provider !== 'quickbooks') continue;
    for (const { type, rows } of events) {
      const entity = BOOKED[type];
      const id = entity && rows[`${entity}_id`];
      if (id) await sendToBooks(parts, { tenantId, integrationId, entity, id });
    }
  }
  const calendars = connections.filter(({ provider }) => provider === 'google');
  const people = calendars.length > 0 ? await peopleConcerned(parts, tenantId, events) : new Set();
  for (const { id: integrationId, user_id } of calendars) {
    if (!people.has(user_id)) continue;
    await prepare(jobs, CALENDAR, CALENDAR_RETRIES);
    await jobs.send(CALENDAR, { tenantId, integrationId }, { singletonKey: integrationId });
  }
}

/** Queues a full synchronization of a connection: after it was made, or on request. */
export async function queueWhole(
  parts: DeliveryDependencies,
  tenantId: string,
  { id: integrationId, provider, created_at }: RowOf<'user_integrations'>,
): Promise<void> {
  const { jobs } = parts.operations;
  if (provider === 'google') {
    await prepare(jobs, CALENDAR, CALENDAR_RETRIES);
    await jobs.send(CALENDAR, { tenantId, integrationId }, { singletonKey: integrationId });
  }
  if (provider !== 'quickbooks') return;
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const { timezone } = await loadSettings(client, ['timezone']);
  const invoices = new GenericRepository(client, 'invoices').each({
    filter: { issue_date: { gte: dateIn(timezone, new Date(created_at)) }, status: { neq: 'draft' } },
    limit: 200,
  });
  for await (const { id } of invoices)
    await sendToBooks(parts, { tenantId, integrationId, entity: 'invoice', id });
  const payments = new GenericRepository(client, 'payments').each({
    filter: { created_at: { gte: created_at }, status: 'succeeded' },
    limit: 200,
  });
  for await (const { id } of payments)
    await sendToBooks(parts, { tenantId, integrationId, entity: 'payment', id });
}

/** Starts running queued synchronizations in this process. */
export async function startSyncs(parts: DeliveryDependencies, pollingIntervalSeconds = 2): Promise<void> {
  const { jobs } = parts.operations;
  await jobs.start();
  await prepare(jobs, CALENDAR, CALENDAR_RETRIES);
  await prepare(jobs, BOOKS, RETRIES);
  await jobs.work<CalendarJob>(CALENDAR, { concurrency: 2, pollingIntervalSeconds }, (job) =>
    withConnection(parts, job, async (client, connection, api) => {
      const entries = await loadEntries(client, { kind: 'user', id: connection.user_id ?? '' });
      await pushCalendar(api, job.data.tenantId, entries);
    }),
  );
  await jobs.work<BooksJob>(BOOKS, { concurrency: 2, pollingIntervalSeconds }, (job) =>
    // One at a time: two rows may need the same client, which the first one creates.
    parts.operations.withLock(`books ${job.data.tenantId}`, () =>
      withConnection(
        parts,
        job,
        (client, connection, api) => pushToBooks(client, connection, api, job.data),
        (client, reason) => createTask(client, job.data, reason),
      ),
    ),
  );
}

async function pushToBooks(
  client: TenantClient,
  connection: RowOf<'user_integrations'>,
  api: SyncApi,
  { entity, id }: BooksJob,
): Promise<void> {
  const realmId = connection.external_account_id ?? '';
  const { timezone } = await loadSettings(client, ['timezone']);
  const since = dateIn(timezone, new Date(connection.created_at));
  const books = new Books({ client, books: new QuickBooks(api, realmId), realmId, since, timezone });
  if (entity === 'account') await books.refreshAccount(id);
  else if (entity === 'invoice') await books.pushInvoice(id);
  else await books.pushPayment(id);
}

/** Makes a task for a person at the record that shows it (a payment's is its invoice), once for all attempts. */
async function createTask(client: TenantClient, { entity, id }: BooksJob, reason: string) {
  const tasks = new GenericRepository(client, 'tasks');
  const title = `QuickBooks: look at this ${entity}`;
  const record =
    entity === 'payment'
      ? {
          entity_type: 'invoice',
          entity_id: (await new GenericRepository(client, 'payments').get(id)).invoice_id,
        }
      : { entity_type: entity, entity_id: id };
  if (await tasks.findOne({ ...record, title, description: reason, status: ['pending', 'in_progress'] }))
    return;
  await tasks.create({ ...record, title, description: reason, priority: 'high' });
}

/** Runs a job with its connection, and records the outcome on it. Thrown errors are retried; `giveUp` is called after the last attempt. */
async function withConnection(
  parts: DeliveryDependencies,
  { data: { tenantId, integrationId }, retryCount }: Job<CalendarJob>,
  work: (client: TenantClient, connection: RowOf<'user_integrations'>, api: SyncApi) => Promise<void>,
  giveUp?: (client: TenantClient, reason: string) => Promise<void>,
): Promise<undefined> {
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const connection = await new GenericRepository(client, 'user_integrations').find(integrationId);
  // Disconnected meanwhile.
  if (!connection?.credentials) return undefined;
  // A connection that expired meanwhile stays expired: it has to be connected again.
  const note = connectionNote(client, integrationId, 'expired');
  try {
    const [provider, registration] = registeredProvider(parts, connection.provider);
    const api: SyncApi = {
      url: provider.apiUrl,
      accessToken: async (renew) =>
        (await freshTokens(parts, tenantId, integrationId, provider, registration, { renew })).accessToken,
    };
    await work(client, connection, api);
    await note({ status: 'connected', last_error: null, last_sync_at: new Date().toISOString() });
  } catch (error) {
    if (!(error instanceof SyncError || error instanceof OAuthError)) throw error;
    const isFinal = error.code === 'sync_refused' || retryCount >= RETRIES.retryLimit;
    if (isFinal && error.code !== 'oauth_refused') await giveUp?.(client, error.message);
    // `freshTokens` has marked the connection already.
    if (error.code !== 'oauth_refused')
      await note({ last_error: error.message, ...(isFinal ? { status: 'error' } : {}) });
    if (!isFinal) throw error;
  }
  return undefined;
}

/** The longest time that disconnecting waits for the calendar to be cleared, ms. */
const CLEARING_MS = 15_000;

/**
 * Removes Marquee's upcoming entries from a disconnected calendar, as far as possible within a time limit: a slow vendor
 * must not delay disconnecting.
 *
 * @returns the current tokens, to be revoked
 */
export async function clearCalendar(
  parts: DeliveryDependencies,
  tenantId: string,
  kept: OAuthTokens,
  onFailure: (error: unknown) => void,
): Promise<OAuthTokens> {
  const [provider, registration] = registeredProvider(parts, 'google');
  const until = Date.now() + CLEARING_MS;
  let tokens = kept;
  const accessToken = async (renew: boolean) => {
    if (Date.now() > until)
      throw new SyncError('sync_unreachable', 'Google Calendar was not cleared in time.');
    if (renew) tokens = await refreshTokens(provider, registration, tokens);
    return tokens.accessToken;
  };
  await pushCalendar({ url: provider.apiUrl, accessToken }, tenantId, []).catch(onFailure);
  return tokens;
}

/** The people whose calendars the events concern: those who work, or worked, at them. */
async function peopleConcerned(
  parts: DeliveryDependencies,
  tenantId: string,
  events: OutboxEvent[],
): Promise<Set<unknown>> {
  const people = new Set<unknown>(events.map(({ rows }) => rows.user_id));
  const ids = [
    ...new Set(
      events.flatMap(({ type, rows }) => (type.startsWith('event.') && rows.event_id ? [rows.event_id] : [])),
    ),
  ];
  if (ids.length === 0) return people;
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const { data } = await client
    .from('event_staff_assignments')
    .select('user_id')
    .in('event_id', ids)
    .throwOnError();
  for (const { user_id } of data) people.add(user_id);
  return people;
}

async function sendToBooks({ operations }: DeliveryDependencies, job: BooksJob): Promise<void> {
  const { jobs } = operations;
  await prepare(jobs, BOOKS, RETRIES);
  await jobs.send(BOOKS, job);
}

async function prepare(
  jobs: DeliveryDependencies['operations']['jobs'],
  queue: string,
  options: object,
): Promise<void> {
  await jobs.start();
  await jobs.defineQueue(queue, options);
}
