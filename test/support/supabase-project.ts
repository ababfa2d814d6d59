// A stand-in for a Supabase project, which cannot run here: a second Marquee's REST API (`marquee rest`, conformant to PostgREST) at /rest/v1
// over a database, with a project's roles and keys, and a gateway in front that checks the header `apikey` as a project's does.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after } from 'node:test';
import { SignJWT } from 'jose';
import { listen, RestService } from '@/lib/rest/server';
import { administer, testServerUrl } from './postgres';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface SupabaseProject {
  url: string;
  anonKey: string;
  serviceKey: string;
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  /** Answers in place of the project, where it gives an answer; `destroy`: the connection breaks. */
  instead: ((request: IncomingMessage) => Answer | 'destroy' | undefined) | undefined;
  /** A key of its gateway and its API with other claims. */
  sign(claims: Record<string, unknown>): Promise<string>;
}

/** @param databaseUrl of a superuser */
export async function startSupabaseProject(databaseUrl: string): Promise<SupabaseProject> {
  const id = randomBytes(4).toString('hex');
  const login = `authenticator_${id}`;
  for (const [role, options] of [
    ['anon', ''],
    ['authenticated', ''],
    ['service_role', 'bypassrls'],
  ]) {
    await administer(
      databaseUrl,
      `do $$ begin create role ${role} ${options}; exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  await administer(databaseUrl, `create role ${login} login noinherit password 'secret'`);
  await administer(databaseUrl, `grant anon, authenticated, service_role to ${login}`);
  const secret = randomBytes(32).toString('hex');
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret));
  const keyOf = (role: string) => sign({ iss: 'supabase', ref: id, role, exp: 4_000_000_000 });
  const service = await RestService.start({
    environment: {
      PGRST_DB_URI: Object.assign(new URL(databaseUrl), { username: login, password: 'secret' }).toString(),
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_DB_MAX_ROWS: '1000',
      PGRST_JWT_SECRET: secret,
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: '0',
    },
  });
  const api = await listen(service);
  const project: SupabaseProject = {
    ...{ url: '', anonKey: await keyOf('anon'), serviceKey: await keyOf('service_role') },
    ...{ requests: [], instead: undefined, sign },
  };
  const gateway = createServer(async (request, response) => {
    const body = await buffer(request);
    const { method = 'GET', url = '/', headers } = request;
    project.requests.push({ method, url, headers, body: body.toString() });
    const answer = project.instead?.(request);
    if (answer === 'destroy') return void request.socket.destroy();
    if (answer) return void response.writeHead(answer.status, answer.headers).end(answer.body);
    if (![project.anonKey, project.serviceKey].includes(String(headers.apikey))) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Invalid API key"}');
      return;
    }
    const passed = await fetch(`http://127.0.0.1:${api.port}${url.replace(/^\/rest\/v1/, '')}`, {
      method,
      headers: Object.entries(headers).filter(
        ([name]) => !/^(host|connection|content-length|apikey)$/.test(name),
      ) as [string, string][],
      ...(body.length > 0 ? { body } : {}),
    });
    const passedBack = [...passed.headers].filter(
      ([name]) => !/^(content-encoding|content-length|transfer-encoding|connection)$/.test(name),
    );
    response
      .writeHead(passed.status, Object.fromEntries(passedBack))
      .end(Buffer.from(await passed.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  project.url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  after(async () => {
    gateway.closeAllConnections();
    gateway.close();
    await api.close();
    await service.end();
    await administer(await testServerUrl(), `drop role ${login}`);
  });
  return project;
}
