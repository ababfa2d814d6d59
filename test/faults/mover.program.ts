// A process that runs moves, each held at a point of its own until a line on standard input, or until the process is killed.
// Prints a line for each point reached and for each run's end.
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
const released = new Promise<void>((resolve) => createInterface(process.stdin).once('line', () => resolve()));
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

await Promise.all(
  orders.moves.map(async ({ id, point }) => {
    let reached = false;
    const dependencies = moveDependencies({
      application,
      operations,
      hooks: async (at) => {
        if (at !== point || reached) return;
        reached = true;
        say({ id, reached: point });
        await released;
      },
    });
    // Like a worker, runs a move again that failed on its way.
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
