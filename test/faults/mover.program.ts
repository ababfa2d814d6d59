// A process that works on moves, each held up at a point of its own until it is told to go on, or for ever: until it is
// killed. Says what has been reached, a line each, and how each run ended.
import { createInterface } from 'node:readline';
import { openApplicationDatabase } from '@/lib/application';
import { moveDependencies, runMove } from '@/lib/movement';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

export interface MoverOrders {
  applicationUrl: string;
  operationsUrl: string;
  applicationKey: string;
  operationsKey: string;
  moves: { id: string; point: string }[];
}

const ENDS = new Set(['completed', 'aborted', 'rolled_back']);
const orders = JSON.parse(process.argv[2] ?? '{}') as MoverOrders;
const box = (key: string) => createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
const application = openApplicationDatabase({
  url: orders.applicationUrl,
  secretBox: box(orders.applicationKey),
});
const operations = openOperationsDatabase({
  url: orders.operationsUrl,
  secretBox: box(orders.operationsKey),
  maxConnections: 20,
});
const told = new Promise<void>((resolve) => createInterface(process.stdin).once('line', () => resolve()));
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

await Promise.all(
  orders.moves.map(async ({ id, point }) => {
    let reached = false;
    const dependencies = moveDependencies({
      application,
      operations,
      encryptionKey: Buffer.alloc(32),
      hooks: async (at) => {
        if (at !== point || reached) return;
        reached = true;
        say({ id, reached: point });
        await told;
      },
    });
    // As a worker does: what fails on the way is tried again.
    let end = '';
    do {
      end = await runMove(dependencies, id, { returnWhenWaiting: true }).catch(
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
    } while (!reached && !ENDS.has(end));
    say({ id, end });
  }),
);
process.exit(0);
