// Runs a TypeScript program of this project on the Node that the project depends on.
// Written for any Node >= 20 with nothing installed: `npm start` and `npm test` begin here on a fresh checkout.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);

/** npm writes node_modules/.package-lock.json last, so an older one means an interrupted or outdated install. */
function installIsCurrent() {
  const marker = at('node_modules', '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(at('package-lock.json')).mtimeMs - 1000;
}

function install() {
  const command = existsSync(at('node_modules', '.package-lock.json')) ? 'install' : 'ci';
  console.error(`Installing packages (npm ${command}), once …`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, [command, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error(`npm ${command} failed. See its message above, then run the same command again.`);
    process.exit(result.status ?? 1);
  }
}

const [program, ...programArguments] = process.argv.slice(2);
if (!program) {
  console.error('usage: node scripts/run.mjs <program.ts> [arguments]');
  process.exit(2);
}
if (!installIsCurrent()) install();

// Tests and benchmarks run on databases of their own, whatever an installation's .env names.
const environmentFile =
  program.startsWith('src/cli/') && existsSync(at('.env')) ? [`--env-file=${at('.env')}`] : [];
const child = spawn(
  at('node_modules', '.bin', 'node'),
  [...environmentFile, '--enable-source-maps', '--import', 'tsx', at(program), ...programArguments],
  // The channel tells the program when we are gone without having told it to stop.
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TSX_TSCONFIG_PATH: at('tsconfig.json') },
  },
);
// A terminal sends Ctrl-C to the whole group; a supervisor only to us. The child decides when it is done.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
const passedOn =
  process.platform === 'win32' ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
for (const signal of passedOn) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Cannot start node_modules/.bin/node: ${error.message}. Remove node_modules and run again.`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
