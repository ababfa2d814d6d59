// A process that works on a move, and kills itself, as `kill -9` does, when it reaches the point it is given.
import { openApplicationDatabase } from '@/lib/application';
import { moveDependencies, runMove } from '@/lib/movement';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

const { applicationUrl, operationsUrl, applicationKey, operationsKey, moveId, point } = JSON.parse(
  process.argv[2] ?? '{}',
) as Record<string, string>;
const box = (key = '') => createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
const application = openApplicationDatabase({ url: applicationUrl ?? '', secretBox: box(applicationKey) });
const operations = openOperationsDatabase({ url: operationsUrl ?? '', secretBox: box(operationsKey) });
const dependencies = moveDependencies({
  application,
  operations,
  encryptionKey: Buffer.alloc(32),
  hooks: (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`${await runMove(dependencies, moveId ?? '', { returnWhenWaiting: true })}\n`);
process.exit(0);
