// HTTPS to the REST API of the project that is the application database: its answers, or typed errors.
import { PostgrestClient, PostgrestError } from '@supabase/postgrest-js';
import type { Agent, RequestInit } from 'undici';
import { classify } from '@/lib/failures';
import { pause } from '@/lib/time';
import { ApplicationError } from '../errors';
import { expectAnswer, failure, refusalOf } from './refusals';

export interface ProjectOptions {
  /** NEXT_PUBLIC_SUPABASE_URL */
  url: string;
  /** SUPABASE_SERVICE_ROLE_KEY */
  serviceKey: string;
}

const TIMEOUT_MS = 10_000;
/** A refusal for too many requests is waited out so often, and at most this long. */
const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 5_000;
const MOST_BYTES = 64 * 1024 * 1024;

export class Project {
  readonly rest: PostgrestClient;
  #agent: Agent | undefined;
  readonly #base: string;

  /** @throws ApplicationError `application_key_refused` where the key is one for browsers, `application_project_invalid` */
  constructor({ url, serviceKey }: ProjectOptions) {
    expectServiceKey(serviceKey);
    this.#base = baseOf(url);
    this.rest = new PostgrestClient(`${this.#base}/rest/v1`, {
      headers: { apikey: serviceKey, authorization: `Bearer ${serviceKey}` },
      fetch: (input, init) => this.#fetch(String(input), init as RequestInit),
      // `#fetch` repeats requests itself, including writes that were refused before anything was done.
      retry: false,
    });
  }

  /** What a function answers. @throws ApplicationError `application_*`; pg.DatabaseError for what the database refused */
  async call<T>(name: string, parameters: object = {}): Promise<T> {
    return (await this.answer<T>(this.rest.rpc(name, parameters))).data;
  }

  /** @throws as `call` */
  async answer<T>(request: {
    throwOnError(): PromiseLike<{ data: unknown; count: number | null }>;
  }): Promise<{ data: T; count: number | null }> {
    try {
      const { data, count } = await request.throwOnError();
      return { data: data as T, count };
    } catch (error) {
      throw error instanceof PostgrestError ? refusalOf(error) : error;
    }
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  /** Waits out what was refused before it was done: too many requests, and an API that is starting. */
  async #fetch(url: string, init: RequestInit): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const answered = await this.#once(url, init);
      const seconds = Number(answered.headers.get('retry-after') ?? Number.NaN);
      const mayWait = answered.status === 429 || answered.status === 503;
      if (!mayWait || attempt === ATTEMPTS) return expectAnswer(answered);
      const ms = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : 100 * 2 ** attempt;
      if (ms > LONGEST_WAIT_MS) return expectAnswer(answered);
      await pause(ms * (1 + Math.random() / 4), { ref: true });
    }
  }

  async #once(url: string, init: RequestInit): Promise<Response> {
    // Loaded only where a project is the application database.
    const undici = await import('undici');
    this.#agent ??= new undici.Agent();
    try {
      // A redirect would carry the key to wherever it points.
      const response = await undici.fetch(url, {
        ...init,
        redirect: 'error',
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) throw failure('application_project_invalid', 'answered with more than 64 MB');
        chunks.push(chunk);
      }
      const isEmpty = bytes === 0;
      const headers = [...response.headers].filter(([name]) => !/^content-(encoding|length)$/.test(name));
      return new Response(isEmpty ? null : Buffer.concat(chunks), {
        status: Math.max(200, response.status),
        headers,
      });
    } catch (error) {
      if (error instanceof ApplicationError) throw error;
      const what = classify(error).kind === 'timeout' ? 'did not answer in time' : 'cannot be reached';
      throw failure('application_database_unreachable', what, {
        hint: 'Check NEXT_PUBLIC_SUPABASE_URL, and that the project is not paused.',
        cause: error,
      });
    }
  }
}

/** @throws ApplicationError `application_key_refused`; a key of another form is left to the project to judge */
function expectServiceKey(key: string): void {
  const role = key.startsWith('sb_publishable_') ? 'anon' : roleIn(key);
  if (role === undefined || role === 'service_role') return;
  throw new ApplicationError('application_key_refused', 'SUPABASE_SERVICE_ROLE_KEY is not a service key.', {
    hint: 'It is a key for browsers. Take the service_role (secret) key from Project settings → API keys.',
  });
}

/** The role in a key that is a JWT. */
function roleIn(key: string): string | undefined {
  try {
    const { role } = JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString());
    return typeof role === 'string' ? role : undefined;
  } catch {
    return undefined;
  }
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) {
    return `${url.origin}${url.pathname}`.replace(/(\/rest\/v1)?\/*$/, '');
  }
  throw new ApplicationError(
    'application_project_invalid',
    'NEXT_PUBLIC_SUPABASE_URL is not the URL of a project.',
  );
}
