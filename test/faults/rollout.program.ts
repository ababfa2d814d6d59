// A process that runs moves and rollouts, and kills itself with SIGKILL when it reaches a point for the n-th time.
import { openApplicationDatabase } from '@/lib/application';
import { moveDependencies, startMoveWorker } from '@/lib/movement';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

const { applicationUrl, operationsUrl, applicationKey, operationsKey, point, times } = JSON.parse(
  process.argv[2] ?? '{}',
) as Record<string, string>;
const box = (key = '') => createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
let left = Number(times);
startMoveWorker(
  moveDependencies({
    application: openApplicationDatabase({ url: applicationUrl ?? '', secretBox: box(applicationKey) }),
    operations: openOperationsDatabase({ url: operationsUrl ?? '', secretBox: box(operationsKey) }),
    hooks: (reached) => {
      if (reached !== point) return;
      left -= 1;
      if (left <= 0) process.kill(process.pid, 'SIGKILL');
    },
  }),
  (_, error) => process.stderr.write(`${error}\n`),
);
// The worker's timers do not keep the process alive.
setInterval(() => {}, 60_000);
