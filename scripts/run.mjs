// Runs a TypeScript program of a checkout on the Node that the checkout depends on.
// Written for any Node >= 20 with nothing installed: `npm start` and `npm test` begin here on a fresh checkout.
import { spawn, spawnSync } from 'node:child_process';
import { constants as access, accessSync, existsSync, lstatSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);

/** npm writes node_modules/.package-lock.json last, so an older one means an interrupted or outdated install. */
const marker = at('node_modules', '.package-lock.json');
function installIsCurrent() {
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(at('package-lock.json')).mtimeMs - 1000;
}

function mayWrite(directory) {
  try {
    accessSync(directory, access.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** npm needs a cache that it may write to; without a home there is none. */
function npmEnvironment() {
  let home;
  try {
    home = homedir();
  } catch {
    // A user without a name and without HOME.
  }
  const cache = home && path.join(home, '.npm');
  if (process.env.npm_config_cache || (cache && mayWrite(existsSync(cache) ? cache : home)))
    return process.env;
  return { ...process.env, npm_config_cache: path.join(tmpdir(), `marquee-npm-${process.getuid?.() ?? ''}`) };
}

/** Packages that a link leads to are another checkout's, which may be using them. */
function mayInstall() {
  const isLinked = lstatSync(at('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink();
  return !isLinked && mayWrite(at('node_modules'));
}

function install() {
  if (existsSync(marker) && !mayInstall()) {
    console.error('The installed packages are older than package-lock.json and cannot be renewed here.');
    return;
  }
  const command = existsSync(marker) ? 'install' : 'ci';
  console.error(`Installing packages (npm ${command}), once …`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(
    npm,
    [command, '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      env: npmEnvironment(),
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    },
  );
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
if (root.includes('?')) {
  console.error(`Marquee cannot run below a directory whose name has a question mark: ${root}`);
  process.exit(1);
}
if (!installIsCurrent()) install();

/** A file of a package this project depends on, wherever npm has put that. */
const inPackage = (name, ...parts) =>
  path.join(path.dirname(createRequire(at('package.json')).resolve(`${name}/package.json`)), ...parts);
const node = inPackage('node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const loader = pathToFileURL(inPackage('tsx', 'dist', 'loader.mjs')).href;

// Tests and benchmarks run on databases of their own, whatever an installation's .env names.
const environment =
  program.startsWith('src/cli/') && existsSync(at('.env')) ? [`--env-file=${at('.env')}`] : [];
const child = spawn(
  node,
  [...environment, '--enable-source-maps', '--import', loader, at(program), ...programArguments],
  // The channel closes when this process ends without having passed on a signal.
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TSX_TSCONFIG_PATH: at('tsconfig.json'), MARQUEE_CHECKOUT: root },
  },
);
// A terminal sends Ctrl-C to the whole group, a supervisor to this process only. The child decides when it is done.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
// npm's shell passes no signal on: when npm ends, this process only gets another parent.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 500).unref();
}
const passedOn =
  process.platform === 'win32' ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
for (const signal of passedOn) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Cannot start ${node}: ${error.message}. Remove node_modules and run again.`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
