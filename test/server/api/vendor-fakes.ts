// Contract fakes of Google and Intuit: OAuth 2.0, Calendar API v3, QuickBooks Accounting API v3, as far as Marquee asks
// them. They stand in because the vendors cannot be reached from a test.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type OAuthProvider, PROVIDERS } from '@/lib/crm/delivery/oauth/oauth';

type Json = Record<string, unknown>;
interface Answer {
  status: number;
  body?: Json;
  /** Where a browser is sent. */
  location?: string;
}

/** Answers requests by what `handle` says, until the test file ends. */
export async function serve(
  handle: (method: string, url: URL, body: string, request: IncomingMessage) => Promise<Answer> | Answer,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const url = new URL(request.url ?? '', 'http://fake');
    const answer = await handle(request.method ?? '', url, body, request);
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...(answer.location ? { location: answer.location } : {}),
    });
    response.end(answer.body ? JSON.stringify(answer.body) : undefined);
  }).listen(0, '127.0.0.1');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An authorisation server whose access tokens are good until they are spent. */
export class FakeOAuth {
  readonly forms: URLSearchParams[] = [];
  readonly revoked: string[] = [];
  /** Whether the person took the permission back. */
  refuses = false;
  /** Whether the person presses “no” on the provider's page. */
  declines = false;
  #issued = 0;

  handle(method: string, url: URL, body: string): Answer | undefined {
    if (url.pathname === '/authorize') return { status: 302, location: this.#permission(url) };
    if (method !== 'POST') return undefined;
    if (url.pathname === '/revoke') {
      const token = body.startsWith('{') ? JSON.parse(body).token : new URLSearchParams(body).get('token');
      this.revoked.push(token);
      return { status: 200 };
    }
    if (url.pathname !== '/token') return undefined;
    this.forms.push(new URLSearchParams(body));
    if (this.refuses) return { status: 400, body: { error: 'invalid_grant' } };
    this.#issued += 1;
    const tokens = { access_token: `at-${this.#issued}`, refresh_token: `rt-${this.#issued}` };
    return { status: 200, body: { ...tokens, token_type: 'bearer', expires_in: 3600, scope: 'calendar' } };
  }

  /** Back to who asked, with the permission given at once, or refused. */
  #permission(asked: URL): string {
    const back = new URL(asked.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.searchParams.get('state') ?? '');
    if (this.declines) back.searchParams.set('error', 'access_denied');
    else {
      back.searchParams.set('code', 'c-1');
      if (back.pathname.includes('quickbooks')) back.searchParams.set('realmId', 'realm-1');
    }
    return back.toString();
  }

  isGood(request: IncomingMessage): boolean {
    return request.headers.authorization === `Bearer at-${this.#issued}`;
  }

  /** Every token given so far ends. */
  expire(): void {
    this.#issued += 1;
  }

  provider(name: 'google' | 'quickbooks', base: string): OAuthProvider {
    return {
      name,
      server: {
        issuer: base,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        revocation_endpoint: `${base}/revoke`,
      },
      authentication: PROVIDERS[name].authentication,
      revokeAs: PROVIDERS[name].revokeAs,
      apiUrl: base,
      scopes: ['calendar'],
    };
  }
}

export interface FakeCalendarEvent extends Json {
  id: string;
  status?: string;
  summary?: string;
  extendedProperties?: { private?: Record<string, string> };
}

/** One Google calendar. A deleted event keeps its id (`status: cancelled`), as Google's do. */
export async function fakeGoogle() {
  const oauth = new FakeOAuth();
  const events = new Map<string, FakeCalendarEvent>();
  const fake = { oauth, events, requests: [] as string[], busy: 0, base: '' };
  fake.base = await serve(async (method, url, body, request) => {
    // Slow enough that two who renew at once meet.
    await setTimeout(50);
    const answer = oauth.handle(method, url, body);
    if (answer) return answer;
    fake.requests.push(`${method} ${url.pathname}`);
    if (!oauth.isGood(request)) return { status: 401, body: { error: { message: 'Invalid Credentials' } } };
    if (fake.busy-- > 0) return { status: 503 };
    const [, id] = /^\/calendars\/primary\/events(?:\/([a-v0-9]{5,1024}))?$/.exec(url.pathname) ?? ['', ''];
    const given = body ? (JSON.parse(body) as FakeCalendarEvent) : undefined;
    if (method === 'GET') {
      const [name = '', value] = (url.searchParams.get('privateExtendedProperty') ?? '').split('=');
      const items = [...events.values()].filter(
        (event) => event.status !== 'cancelled' && event.extendedProperties?.private?.[name] === value,
      );
      return { status: 200, body: { items } };
    }
    if (method === 'POST' && given) {
      if (events.has(given.id)) return { status: 409, body: { error: { message: 'duplicate' } } };
      events.set(given.id, given);
      return { status: 200, body: given };
    }
    const known = id ? events.get(id) : undefined;
    if (!id || !known) return { status: 404, body: { error: { message: 'Not Found' } } };
    if (method === 'DELETE' && known.status === 'cancelled') return { status: 410 };
    events.set(id, method === 'DELETE' ? { ...known, status: 'cancelled' } : { ...given, id });
    return method === 'DELETE' ? { status: 204 } : { status: 200, body: { ...given, id } };
  });
  return fake;
}

/** A company of QuickBooks Online. `requestid` is answered once; names and document numbers are unique. */
export async function fakeQuickBooks(country = 'US') {
  const oauth = new FakeOAuth();
  const rows = new Map<string, Json & { Id: string; SyncToken: string }>();
  const answered = new Map<string, Answer>();
  let last = 100;
  const fake = {
    ...{ oauth, rows, taxOff: 0, down: false, base: '' },
    /** Of this kind a thing is made, and the answer lost. */
    loses: '',
    /** Whether what a `requestid` was answered is forgotten, as after a while. */
    forgets: false,
  };
  const of = (kind: string) => [...rows].filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row);
  const fault = (code: string, Detail: string): Answer => ({
    status: 400,
    body: { Fault: { Error: [{ Message: Detail, Detail, code }], type: 'ValidationFault' } },
  });
  rows.set('account/7', { Id: '7', SyncToken: '0', Name: 'Sales', AccountType: 'Income', Active: true });
  rows.set('account/8', {
    Id: '8',
    SyncToken: '0',
    Name: 'Undeposited Funds',
    AccountSubType: 'UndepositedFunds',
  });
  rows.set('taxrate/3', { Id: '3', SyncToken: '0', RateValue: 21 });
  rows.set('taxcode/5', {
    Id: '5',
    SyncToken: '0',
    SalesTaxRateList: { TaxRateDetail: [{ TaxRateRef: { value: '3' } }] },
  });
  /** Of a reference, the id that it names. */
  const idIn = (field: unknown) => (field as { value?: unknown } | undefined)?.value ?? field;
  type Link = { Amount: number; LinkedTxn?: { TxnId: string; TxnType: string }[] };
  /** What payments, this one left out, leave of an invoice or a credit memo. */
  const openOf = (type: string, id: string, without?: unknown) =>
    of('payment')
      .filter((row) => row.Id !== without)
      .flatMap((row) => row.Line as Link[])
      .filter(({ LinkedTxn }) => LinkedTxn?.[0]?.TxnType === type && LinkedTxn[0].TxnId === id)
      .reduce(
        (left, { Amount }) => Math.round((left - Amount) * 100) / 100,
        Number(rows.get(`${type.toLowerCase()}/${id}`)?.TotalAmt ?? 0),
      );
  /** Payments and credits are applied to what is open; refunds say where they are paid from. */
  const problemOf = (kind: string, row: Json): Answer | undefined => {
    if (kind === 'refundreceipt' && !row.DepositToAccountRef)
      return fault('2020', 'Required param missing: DepositToAccountRef');
    if (kind !== 'payment') return undefined;
    for (const { Amount, LinkedTxn } of row.Line as Link[]) {
      const { TxnId = '', TxnType = '' } = LinkedTxn?.[0] ?? {};
      if (Amount > openOf(TxnType, TxnId, row.Id)) return fault('6000', `${TxnType} ${TxnId} has less open.`);
    }
    return undefined;
  };
  const write = (kind: string, given: Json, url: URL): Answer => {
    const before = given.Id ? rows.get(`${kind}/${given.Id}`) : undefined;
    if (given.Id && !before) return fault('610', 'Object Not Found');
    if (given.Id && before?.SyncToken !== given.SyncToken) return fault('5010', 'Stale Object Error');
    if (url.searchParams.get('operation') === 'delete') {
      rows.delete(`${kind}/${given.Id}`);
      return { status: 200, body: { [name(kind)]: { Id: given.Id, status: 'Deleted' } } };
    }
    const unique = { customer: 'DisplayName', invoice: 'DocNumber', item: 'Name' }[kind];
    const same = unique && of(kind).find((row) => row[unique] === given[unique] && row.Id !== given.Id);
    if (same && given[unique] !== undefined)
      return fault(kind === 'invoice' ? '6140' : '6240', 'Duplicate Name Exists');
    const id = before?.Id ?? String(++last);
    const lines = (given.Line ?? []) as { Amount: number; DetailType: string }[];
    const net = lines.reduce(
      (sum, line) => sum + (line.DetailType === 'DiscountLineDetail' ? -1 : 1) * line.Amount,
      0,
    );
    const isVoid =
      url.searchParams.get('operation') === 'void' ||
      (kind === 'payment' && url.searchParams.get('include') === 'void');
    const isInclusive = given.GlobalTaxCalculation === 'TaxInclusive';
    const gross = (
      given.Line as { SalesItemLineDetail?: { TaxInclusiveAmt?: number } }[] | undefined
    )?.reduce((sum, line) => sum + (line.SalesItemLineDetail?.TaxInclusiveAmt ?? 0), 0);
    const tax =
      country === 'US' ? Number((given.TxnTaxDetail as { TotalTax?: number })?.TotalTax ?? 0) : net * 0.21;
    const total =
      (kind === 'invoice' && !before) || ['creditmemo', 'refundreceipt', 'salesreceipt'].includes(kind)
        ? { TotalAmt: Math.round(((isInclusive ? (gross ?? 0) : net + tax) + fake.taxOff) * 100) / 100 }
        : {};
    const row = {
      ...before,
      ...given,
      ...total,
      ...(isVoid ? { TotalAmt: 0, ...(kind === 'payment' ? { Line: [] } : {}) } : {}),
      Id: id,
      SyncToken: String(Number(before?.SyncToken ?? -1) + 1),
    };
    const problem = problemOf(kind, row);
    if (problem) return problem;
    rows.set(`${kind}/${id}`, row);
    return { status: 200, body: { [name(kind)]: row } };
  };
  const name = (kind: string) =>
    ({
      customer: 'Customer',
      invoice: 'Invoice',
      payment: 'Payment',
      creditmemo: 'CreditMemo',
      refundreceipt: 'RefundReceipt',
      salesreceipt: 'SalesReceipt',
      item: 'Item',
      account: 'Account',
      taxrate: 'TaxRate',
      taxcode: 'TaxCode',
    })[kind] ?? kind;
  fake.base = await serve((method, url, body, request) => {
    const answer = oauth.handle(method, url, body);
    if (answer) return answer;
    if (fake.down) return { status: 503 };
    if (!oauth.isGood(request)) return { status: 401, body: { Fault: { Error: [{ code: '3200' }] } } };
    const [, realm, kind = '', id] = /^\/company\/(\w+)\/(\w+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (realm !== '4620816365' || !url.searchParams.get('minorversion')) return { status: 403 };
    if (kind === 'companyinfo') return { status: 200, body: { CompanyInfo: { Country: country } } };
    if (kind === 'query') {
      const query = url.searchParams.get('query') ?? '';
      const [, wanted = '', column, value] =
        /^select \* from (\w+)(?: where (\w+) = '((?:[^'\\]|\\.)*)'.*)? maxresults 1000$/.exec(query) ?? [];
      const found = of(wanted.toLowerCase()).filter(
        (row) => !column || idIn(row[column]) === value?.replace(/\\(.)/g, '$1'),
      );
      return { status: 200, body: { QueryResponse: found.length > 0 ? { [wanted]: found } : {} } };
    }
    if (method === 'GET') {
      const row = rows.get(`${kind}/${id}`);
      return row ? { status: 200, body: { [name(kind)]: row } } : fault('610', 'Object Not Found');
    }
    const requestId = url.searchParams.get('requestid');
    const before = requestId ? answered.get(requestId) : undefined;
    const made = before ?? write(kind, JSON.parse(body), url);
    if (requestId && made.status === 200 && !fake.forgets) answered.set(requestId, made);
    return fake.loses === kind ? { status: 503 } : made;
  });
  return Object.assign(fake, { of });
}
