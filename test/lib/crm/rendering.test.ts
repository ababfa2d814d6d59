import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { test } from 'node:test';
import sharp from 'sharp';
import { type Branding, type LabelsDocument, renderDocument, type SalesDocument } from '@/lib/crm/documents';
import { Renderer, render } from '@/lib/crm/rendering';
import { RenderingError } from '@/lib/crm/rendering/errors';
import { FairTasks } from '@/lib/crm/rendering/fair-tasks';
import { until } from '../../support/until';

const branding: Branding = {
  companyName: 'Flash & Frame',
  companyLines: [],
  primaryColor: '#b4235a',
  locale: 'en-GB',
};

const quote: SalesDocument = {
  kind: 'quote',
  number: 'Q-1',
  status: 'sent',
  currency: 'EUR',
  billTo: { name: 'Ann', lines: [] },
  lines: Array.from({ length: 300 }, (_, index) => ({
    name: `Booth ${index}`,
    description: 'With prints and an attendant',
    quantity: '1',
    unitPrice: 100,
    lineTotal: 100,
  })),
  subtotal: 30_000,
  discount: 0,
  taxes: [],
  total: 30_000,
};

test('a quote of 300 lines leaves the thread that answers requests idle', async () => {
  const before = performance.eventLoopUtilization();
  const pdf = await renderDocument(quote, branding, { tenantId: 'a' });
  const { utilization } = performance.eventLoopUtilization(before);
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-');
  assert.ok(utilization < 0.5, `busy for ${Math.round(utilization * 100)} % of the time`);
});

const labels: LabelsDocument = {
  kind: 'labels',
  sheet: 'a4-24',
  labels: Array.from({ length: 3_000 }, (_, index) => ({
    address: `https://marquee.example/inventory/equipment/${index}`,
    title: `Tag ${index}`,
    subtitle: 'Light stand',
  })),
};

test('3,000 labels do not hold up the thread that answers requests', async () => {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  // As in the product, but with time enough for a busy machine.
  const renderer = new Renderer({ mostMs: 600_000, mostMegabytes: 512 });
  const began = performance.now();
  const pdf = await renderer.render({ kind: 'document', document: labels, branding }, { tenantId: 'a' });
  const took = performance.now() - began;
  delay.disable();
  assert.equal(
    Buffer.from(pdf)
      .toString('latin1')
      .match(/\/Type \/Page\b/g)?.length,
    125,
  );
  const heldUp = delay.max / 1e6;
  assert.ok(heldUp < took / 4, `held up for ${heldUp} ms of the ${took} ms that the labels took`);
});

test('a document that needs too much memory or time ends its process only, and the next is made', async () => {
  const isRefused = (code: string, status: number) => (error: unknown) =>
    error instanceof RenderingError && error.code === code && error.status === status;
  const make = (renderer: Renderer, document: LabelsDocument) =>
    renderer.render({ kind: 'document', document, branding }, { tenantId: 'a' });
  const small = new Renderer({ mostMs: 60_000, mostMegabytes: 96 });
  await assert.rejects(make(small, labels), isRefused('document_too_large', 413));
  const pdf = await make(small, { ...labels, labels: labels.labels.slice(0, 24) });
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-');
  // How long it takes says nothing of its size: the machine may have too much to do.
  await assert.rejects(
    make(new Renderer({ mostMs: 1, mostMegabytes: 512 }), { ...labels, labels: labels.labels.slice(0, 24) }),
    isRefused('document_too_slow', 503),
  );
});

test('a process that crashes loses its document only, and it knows no credentials', async () => {
  process.env.CREDENTIAL_OF_TEST = 'secret';
  const renderer = new Renderer({ mostMs: 600_000, mostMegabytes: 512 });
  const make = (document: LabelsDocument) =>
    renderer.render({ kind: 'document', document, branding }, { tenantId: 'a' });
  const before = await children();
  const lost = assert.rejects(make(labels), /The process that makes documents ended: SIGSEGV/);
  const pid = await until(async () => (await children()).find((one) => !before.includes(one)));
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
  assert.ok(!environment.includes('CREDENTIAL_OF_TEST'), environment);
  process.kill(pid, 'SIGSEGV');
  await lost;
  const pdf = await make({ ...labels, labels: labels.labels.slice(0, 24) });
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-');
});

/** Ids of this process's child processes. */
async function children(): Promise<number[]> {
  const { pid } = process;
  const ids = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return ids.split(' ').filter(Boolean).map(Number);
}

test('a request that is gone takes its document with it, and the next is made', async () => {
  const gone = new AbortController();
  const given = renderDocument(quote, branding, { tenantId: 'a', signal: gone.signal });
  gone.abort(new Error('hung up'));
  await assert.rejects(given, /hung up/);
  const content = await sharp({ create: { width: 800, height: 400, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const small = await render({ kind: 'thumbnail', content, size: 160 }, { tenantId: 'a' });
  const { format, width } = await sharp(small).metadata();
  assert.deepEqual([format, width], ['webp', 160]);
});

/** A task that ends when the test says so. */
function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { task: () => ended, end };
}

test('tenants take turns, and one never takes every process', async () => {
  const tasks = new FairTasks({ atOnce: 2, atOnceOfTenant: 1, waiting: 100, waitingOfTenant: 10 });
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (tenant: string, name: string) =>
    tasks.run(tenant, () => {
      order.push(name);
      return new Promise<void>((resolve) => {
        ends.push(resolve);
      });
    });
  const all = [
    ask('a', 'a1'),
    ask('a', 'a2'),
    ask('a', 'a3'),
    ask('b', 'b1'),
    ask('b', 'b2'),
    ask('c', 'c1'),
  ];
  assert.deepEqual(order, ['a1', 'b1'], 'a second thread is not for the same tenant');
  while (order.length < 6 || ends.length > 0) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  assert.deepEqual(order, ['a1', 'b1', 'a2', 'b2', 'c1', 'a3']);
});

test('a full queue refuses its tenant, others wait, and who gives up frees the place', async () => {
  const tasks = new FairTasks({ atOnce: 1, atOnceOfTenant: 1, waiting: 3, waitingOfTenant: 2 });
  const first = held();
  const running = tasks.run('a', first.task);
  const gone = new AbortController();
  const waits = tasks.run('a', async () => 'second');
  const givesUp = tasks.run('a', async () => 'third', gone.signal);
  const refusedWith = (code: string) => (error: unknown) =>
    error instanceof RenderingError && error.code === code && (error.retryAfterSeconds ?? 0) > 0;
  await assert.rejects(tasks.run('a', first.task), refusedWith('too_many_documents'));
  const other = tasks.run('b', async () => 'other');
  await assert.rejects(tasks.run('c', first.task), refusedWith('rendering_busy'));
  gone.abort(new Error('gone'));
  await assert.rejects(givesUp, /gone/);
  const next = tasks.run('c', async () => 'next');
  first.end();
  assert.deepEqual(await Promise.all([running, waits, other, next]), [undefined, 'second', 'other', 'next']);
});
