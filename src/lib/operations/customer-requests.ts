import type pg from 'pg';
import type { SecretBox } from '@/lib/secrets';
import { OperationsError } from './errors';

type CustomerRequestState = 'open' | 'done' | 'declined' | 'withdrawn';

/** What a tenant's owners have asked the operator for. */
export interface CustomerRequest {
  id: string;
  tenantId: string;
  kind: 'own_database' | 'export';
  state: CustomerRequestState;
  note: string;
  region: string | null;
  requestedBy: string;
  requestedAt: Date;
  /** The operator's words. */
  answer: string | null;
  answeredBy: string | null;
  answeredAt: Date | null;
}

/** The customer's database. Never log it. */
interface CustomerDatabase {
  /** With the login that the DBA has made for Marquee. */
  url: string;
  /** Authorities of the server's certificate, in PEM. */
  ca?: string | undefined;
}

type NewCustomerRequest = Pick<CustomerRequest, 'tenantId' | 'note' | 'requestedBy'> &
  ({ kind: 'export' } | { kind: 'own_database'; region: string | null; database: CustomerDatabase });

const COLUMNS = `id, tenant_id "tenantId", kind, state, note, region, requested_by "requestedBy", requested_at "requestedAt",
  answer, answered_by "answeredBy", answered_at "answeredAt"`;
export const DATABASE = 'customer_requests.database';

/** The table `customer_requests`. */
export class CustomerRequests {
  constructor(
    private readonly pool: pg.Pool,
    private readonly box: SecretBox,
  ) {}

  /** The newest first. */
  async list({
    tenantId,
    open = false,
  }: {
    tenantId?: string;
    open?: boolean;
  } = {}): Promise<CustomerRequest[]> {
    const { rows } = await this.pool.query<CustomerRequest>(
      `select ${COLUMNS} from customer_requests where ($1::uuid is null or tenant_id = $1) and (not $2 or state = 'open')
       order by requested_at desc, id limit 200`,
      [tenantId ?? null, open],
    );
    return rows;
  }

  /** @throws OperationsError `customer_request_open` where one of this kind is not answered yet */
  async create(request: NewCustomerRequest): Promise<CustomerRequest> {
    const { tenantId, kind, note, requestedBy } = request;
    const id = crypto.randomUUID();
    const asked = request.kind === 'own_database' ? request : undefined;
    const database =
      asked && (await this.box.encrypt(JSON.stringify(asked.database), { owner: id, column: DATABASE }));
    const { rows } = await this.pool.query<CustomerRequest>(
      `insert into customer_requests (id, tenant_id, kind, note, region, database, requested_by) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (tenant_id, kind) where state = 'open' do nothing returning ${COLUMNS}`,
      [id, tenantId, kind, note, asked?.region ?? null, database ?? null, requestedBy],
    );
    if (rows[0]) return rows[0];
    throw new OperationsError(
      'customer_request_open',
      'The same was asked for already, and is not answered.',
      {
        hint: 'Wait for the answer, or withdraw the request.',
      },
    );
  }

  /** An open request. @param id whole, or its first characters @throws OperationsError `customer_request_unknown` */
  async find(id: string): Promise<CustomerRequest> {
    const { rows } = await this.pool.query<CustomerRequest>(
      `select ${COLUMNS} from customer_requests where id::text like $1 || '%' and state = 'open' limit 2`,
      [/^[0-9a-f-]{4,36}$/.test(id) ? id : '-'],
    );
    if (rows[0] && rows.length === 1) return rows[0];
    throw unknown();
  }

  /** The database of an open request. @throws OperationsError `customer_request_unknown`; SecretError */
  async databaseOf(id: string): Promise<CustomerDatabase> {
    const { rows } = await this.pool.query<{ database: string }>(
      'select database from customer_requests where id = $1 and database is not null',
      [id],
    );
    if (!rows[0]) throw unknown();
    return JSON.parse(await this.box.decrypt(rows[0].database, { owner: id, column: DATABASE }));
  }

  /**
   * Ends an open request; what it had of the customer's database is forgotten.
   *
   * @param which.tenantId only of this tenant
   * @throws OperationsError `customer_request_unknown`
   */
  async end(
    which: { id: string; tenantId?: string },
    state: Exclude<CustomerRequestState, 'open'>,
    by: string,
    answer: string | null = null,
  ): Promise<CustomerRequest> {
    const { rows } = await this.pool.query<CustomerRequest>(
      `update customer_requests set state = $3, answered_by = $4, answer = $5, answered_at = now(), database = null
       where id = $1 and ($2::uuid is null or tenant_id = $2) and state = 'open' returning ${COLUMNS}`,
      [which.id, which.tenantId ?? null, state, by, answer],
    );
    if (rows[0]) return rows[0];
    throw unknown();
  }
}

function unknown(): OperationsError {
  return new OperationsError(
    'customer_request_unknown',
    'There is no such request, or it is answered already.',
    {
      hint: 'Look at the list again.',
    },
  );
}
