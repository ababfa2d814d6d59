import { z } from 'zod';
import { askApi, type SyncApi, SyncError } from '../vendor-api';

const NAME = 'QuickBooks';
/** Minor version of the Accounting API. */
const MINOR_VERSION = '75';

const Named = z.looseObject({ Id: z.string(), SyncToken: z.string().default('0') });
type Named = z.infer<typeof Named>;

/** An entity's id and version; `TotalAmt` of transactions, `Balance` of what is not applied yet. */
const Booked = Named.extend({ TotalAmt: z.number().optional(), Balance: z.number().optional() });

/** One company of QuickBooks Online, by its Accounting API (v3). */
export class QuickBooks {
  constructor(
    private readonly api: SyncApi,
    private readonly realmId: string,
  ) {}

  /**
   * Creates an entity once: QuickBooks repeats its answer to a `requestid` that it knows.
   *
   * @throws SyncError
   */
  async create(kind: string, fields: object, requestId: string): Promise<z.infer<typeof Booked>> {
    return this.#post(kind, `requestid=${requestId}`, fields);
  }

  /** Changes the given fields of the current version. @throws SyncError */
  async change(kind: string, id: string, fields: object): Promise<void> {
    const { SyncToken } = await this.read(kind, id);
    await this.#post(kind, '', { Id: id, SyncToken, sparse: true, ...fields });
  }

  /** Voids an invoice: it remains, with nothing due. @throws SyncError */
  async void(kind: string, id: string): Promise<void> {
    const { SyncToken } = await this.read(kind, id);
    await this.#post(kind, 'operation=void', { Id: id, SyncToken });
  }

  /** Voids a payment: it remains, of nothing, and what it paid is due again. @throws SyncError */
  async voidPayment(id: string): Promise<void> {
    const { SyncToken } = await this.read('Payment', id);
    await this.#post('Payment', 'operation=update&include=void', { Id: id, SyncToken, sparse: true });
  }

  /** Deletes a transaction that cannot be voided; it may be gone already. @throws SyncError */
  async remove(kind: string, id: string): Promise<void> {
    try {
      const { SyncToken } = await this.read(kind, id);
      await this.#post(kind, 'operation=delete', { Id: id, SyncToken });
    } catch (error) {
      if (!(error instanceof SyncError && error.answer.vendorCode === '610')) throw error;
    }
  }

  async read(kind: string, id: string): Promise<Named> {
    const { body } = await askApi(this.api, NAME, 'GET', this.#path(`${kind.toLowerCase()}/${id}`));
    return Named.parse((body as Record<string, unknown>)[kind]);
  }

  /** @param where a condition in Intuit's query language; values go through `quoted` */
  async find(kind: string, where = ''): Promise<Named[]> {
    const query = `select * from ${kind}${where ? ` where ${where}` : ''} maxresults 1000`;
    const path = this.#path('query', `query=${encodeURIComponent(query)}`);
    const { body } = await askApi(this.api, NAME, 'GET', path);
    const found = (body as { QueryResponse?: Record<string, unknown> } | undefined)?.QueryResponse?.[kind];
    return z.array(Named).parse(found ?? []);
  }

  /** ISO 3166 code of the company's country; sales tax works differently outside of the US. */
  async country(): Promise<string> {
    const { body } = await askApi(this.api, NAME, 'GET', this.#path(`companyinfo/${this.realmId}`));
    return z.object({ CompanyInfo: z.object({ Country: z.string().default('US') }) }).parse(body).CompanyInfo
      .Country;
  }

  async #post(kind: string, parameters: string, fields: object): Promise<z.infer<typeof Booked>> {
    const { body } = await askApi(this.api, NAME, 'POST', this.#path(kind.toLowerCase(), parameters), fields);
    return Booked.parse((body as Record<string, unknown>)[kind]);
  }

  #path(path: string, parameters = ''): string {
    const more = parameters ? `&${parameters}` : '';
    return `/company/${encodeURIComponent(this.realmId)}/${path}?minorversion=${MINOR_VERSION}${more}`;
  }
}

/** A text in Intuit's query language. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** "Duplicate name" and "duplicate document number": it exists already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof SyncError && ['6240', '6140'].includes(error.answer.vendorCode ?? '');
}
