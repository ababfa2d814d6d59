// A server with all that the operator's console needs, and the operator's people signed in at it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { checkpointSigner, OPERATOR_ROLES, type OperatorRole } from '@/lib/application';
import { createDiskStorage } from '@/lib/crm/storage';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { tenantDataFiles } from '@/lib/tenant-data';
import type { OperatorServices } from '@/server';
import type { Installation } from '../../lib/data-sources/installation';
import { CookieBrowser } from '../../support/browser-fetch';
import { PASSWORD } from '../serving';

export interface Sent {
  channel: string;
  title: string;
}

/** Backups go to a directory of their own; alerts are collected. */
export async function operatorServicesOf(
  { key }: Pick<Installation, 'key'>,
  sent: Sent[] = [],
): Promise<OperatorServices> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-operator-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const signer = checkpointSigner(Buffer.from(key, 'hex'), undefined);
  return {
    secretBox: createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key }),
    backups: {
      files: createDiskStorage(path.join(directory, 'files')),
      store: path.join(directory, 'backups'),
      exports: path.join(directory, 'backups'),
      erasureKey: Buffer.from(key, 'hex'),
      retention: { daily: 7, weekly: 5, monthly: 12 },
      ...{ at: '0 2 * * *', drillsAt: '0 4 * * *', drillDays: 7 },
    },
    alertChannels: [{ name: 'log', send: async ({ title }) => void sent.push({ channel: 'log', title }) }],
    checkpoints: { keys: async () => ({ signer, verifiers: [signer] }), sinks: [] },
    schemaFiles: () => tenantDataFiles(),
    settings: async () => ({
      settings: [{ name: 'PORT', value: '3000', isSecret: false, from: 'default' as const }],
      services: [],
    }),
  };
}

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
}
export type Ask = <Body = Record<string, never>>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer<Body>>;

/** Requests below `/api/operator` of one who has signed in. */
export async function askerOf(url: string, email: string, code: string | undefined): Promise<Ask> {
  const browser = new CookieBrowser();
  const headers = { origin: url, 'content-type': 'application/json' };
  const signedIn = await browser.fetch(`${url}/api/session`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ email, password: PASSWORD, code }) },
  });
  if (signedIn.status !== 200) throw new Error(`${email}: ${signedIn.status} ${await signedIn.text()}`);
  return async (method, path, body, further = {}) => {
    const response = await browser.fetch(`${url}/api/operator${path}`, {
      method,
      headers: { ...headers, ...further },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // A stream does not end.
    const isJson = response.headers.get('content-type')?.includes('json');
    if (!isJson) await response.body?.cancel();
    return { status: response.status, body: isJson ? await response.json() : null };
  };
}

/** One of each role. */
export async function everyOperator(serving: {
  url: string;
  addOperator(email: string, role: OperatorRole): Promise<{ id: string; code(): string }>;
}): Promise<Record<OperatorRole, Ask & { id: string }>> {
  const people = await Promise.all(
    OPERATOR_ROLES.map(async (role) => {
      const email = `${role}@marquee.example`;
      const { id, code } = await serving.addOperator(email, role);
      return [role, Object.assign(await askerOf(serving.url, email, code()), { id })] as const;
    }),
  );
  return Object.fromEntries(people) as Record<OperatorRole, Ask & { id: string }>;
}

interface Task {
  id: string;
  state: string;
  result: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  progress: Record<string, unknown>;
}

/** Waits until a task that was begun has ended. */
export async function ended(ask: Ask, { status, body }: Answer<unknown>): Promise<Task> {
  if (status !== 202) throw new Error(`Not begun: ${status} ${JSON.stringify(body)}`);
  const { id } = body as Task;
  for (;;) {
    const task = (await ask<Task>('GET', `/tasks/${id}`)).body as Task;
    if (task.state !== 'running') return task;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
