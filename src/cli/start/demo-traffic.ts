// Requests of the demo's people, so that one sees a tenant work on while it is moved. Only the embedded demo has it: few requests a
// second, through the HTTP server as any program sends them, and off by itself after some minutes.
import { pause } from '@/lib/time';
import type { DemoTenantTraffic, DemoTraffic as Offered } from '@/server';
import { DEMO_PASSWORD, DEMO_TENANTS } from './demo';

const LAST_MS = 5 * 60_000;
/** Interval between requests of each tenant, ms. */
const EVERY_MS = 125;
/** Every so many requests of a tenant one writes. */
const WRITE_EVERY = 8;
/** For how long the slowest request is remembered. */
const SLOWEST_MS = 15_000;
const TELL_MS = 1_000;

const READS = [
  'events?select=id,title,start_date&order=start_date.desc&limit=20',
  'opportunities?select=id,name,stage&limit=20',
  'contacts?select=id,first_name,last_name&limit=20',
];
/** The record that is written again and again, so that the demo's data do not grow. */
const WRITTEN = 'Demo traffic';

interface Counted extends DemoTenantTraffic {
  /** Requests of the last seconds: when each ended, and how long it took, ms. */
  recent: { at: number; ms: number }[];
}

export class DemoTraffic implements Offered {
  #endsAt: Date | null = null;
  #running: AbortController | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #tenants: Counted[] = [];

  /**
   * @param keys anon keys of the demo's tenants, by subdomain
   * @param tell called once a second while it runs, and when it ends
   */
  constructor(
    private readonly keys: Readonly<Record<string, { anon: string }>>,
    private readonly url: () => string,
    private readonly tell: () => void,
  ) {}

  state() {
    const since = performance.now() - SLOWEST_MS;
    return {
      endsAt: this.#endsAt,
      tenants: this.#tenants.map(({ recent, ...tenant }) => {
        const counted = recent.filter(({ at }) => at > since);
        return { ...tenant, slowestMs: Math.round(Math.max(0, ...counted.map(({ ms }) => ms))) };
      }),
    };
  }

  start(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#endsAt = new Date(Date.now() + LAST_MS);
    this.#tenants = DEMO_TENANTS.map(({ subdomain }) => ({
      ...{ subdomain, reads: 0, writes: 0, failed: 0, lastError: null, slowestMs: 0, recent: [] },
    }));
    const off = setTimeout(() => this.stop(), LAST_MS).unref();
    const telling = setInterval(this.tell, TELL_MS).unref();
    this.#ended = Promise.all(this.#tenants.map((tenant) => this.#work(tenant, running.signal))).finally(
      () => {
        clearTimeout(off);
        clearInterval(telling);
        this.tell();
      },
    );
  }

  /** Resolves when the last request has ended. The counts stay. */
  async stop(): Promise<void> {
    this.#running?.abort();
    this.#running = undefined;
    this.#endsAt = null;
    await this.#ended;
  }

  async #work(tenant: Counted, signal: AbortSignal): Promise<void> {
    let send: Send | undefined;
    for (let count = 0; !signal.aborted; count += 1) {
      const started = performance.now();
      try {
        send ??= await this.#signIn(tenant.subdomain, signal);
        const isWrite = count % WRITE_EVERY === 0;
        await (isWrite ? write(send) : send(READS[count % READS.length] ?? ''));
        tenant[isWrite ? 'writes' : 'reads'] += 1;
      } catch (error) {
        if (signal.aborted) return;
        tenant.failed += 1;
        tenant.lastError = error instanceof Error ? error.message : String(error);
        send = undefined;
        await pause(1_000, { signal });
      }
      const now = performance.now();
      tenant.recent.push({ at: now, ms: now - started });
      if (tenant.recent.length > (2 * SLOWEST_MS) / EVERY_MS) tenant.recent.shift();
      await pause(Math.max(0, EVERY_MS - (now - started)), { signal });
    }
  }

  async #signIn(subdomain: string, signal: AbortSignal): Promise<Send> {
    const base = `${this.url()}/t/${subdomain}`;
    const headers = { apikey: this.keys[subdomain]?.anon ?? '', 'content-type': 'application/json' };
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${base}${path}`, {
        ...init,
        headers: { ...headers, ...init.headers },
        signal,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`);
      return text ? JSON.parse(text) : undefined;
    };
    const credentials = { email: `manager@${subdomain}.example`, password: DEMO_PASSWORD };
    const { access_token: token } = await ask('/auth/v1/token?grant_type=password', {
      ...{ method: 'POST', body: JSON.stringify(credentials) },
    });
    return (path, init = {}) =>
      ask(`/rest/v1/${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  }
}

type Send = (path: string, init?: RequestInit & { headers?: Record<string, string> }) => Promise<unknown>;

async function write(send: Send): Promise<void> {
  const body = JSON.stringify({ website: `https://demo.example/?at=${Date.now()}` });
  const returned = { prefer: 'return=representation' };
  const path = `accounts?name=eq.${encodeURIComponent(WRITTEN)}&select=id`;
  const changed = await send(path, { method: 'PATCH', body, headers: returned });
  if (Array.isArray(changed) && changed.length > 0) return;
  await send('accounts', { method: 'POST', body: JSON.stringify({ name: WRITTEN }) });
}
