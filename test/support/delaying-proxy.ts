// A TCP proxy in a thread of its own that holds every byte back for a while: the network between process and database.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

interface ProxyOptions {
  port: number;
  delayMs: number;
}

/** Starts a proxy to a port of this machine, with this delay each way. */
export async function startDelayingProxy(
  options: ProxyOptions,
): Promise<{ port: number; delay(ms: number): void; close(): Promise<void> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    port,
    /** From now on. */
    delay: (ms) => worker.postMessage(ms),
    async close() {
      await worker.terminate();
    },
  };
}

function forward(from: Socket, to: Socket, delay: () => number): void {
  from.on('data', (chunk) => {
    const delayMs = delay();
    const due = performance.now() + delayMs;
    // setTimeout alone would round up to whole milliseconds and wait longer than asked.
    const check = () => (performance.now() >= due ? void to.write(chunk) : setImmediate(check));
    if (delayMs >= 2) setTimeout(check, delayMs - 1);
    else setImmediate(check);
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}

if (!isMainThread) {
  const { port, delayMs } = workerData as ProxyOptions;
  let current = delayMs;
  const delay = () => current;
  parentPort?.on('message', (ms: number) => {
    current = ms;
  });
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    forward(client, upstream, delay);
    forward(upstream, client, delay);
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    parentPort?.postMessage(typeof address === 'object' ? address?.port : 0);
  });
}
