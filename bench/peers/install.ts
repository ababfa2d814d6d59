import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

const directory = path.resolve(import.meta.dirname, '..');

/**
 * Installs what the peers of this directory import, where that is missing or older than the lockfile. Install scripts are
 * not run: none is needed.
 *
 * @throws Error naming the command that failed; its own message is on standard error
 */
export function installPeers(): void {
  // npm writes it last, so there is none after an interrupted installation.
  const installed = path.join(directory, 'node_modules', '.package-lock.json');
  if (!isAsNew(installed, path.join(directory, 'package-lock.json'))) {
    console.error('Installing the peers to compare with (npm ci in bench/), once …');
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  // Prisma's generated client keeps a copy of the schema it was generated from.
  const generated = path.join(directory, 'node_modules', '.prisma', 'client', 'schema.prisma');
  if (!isAsNew(generated, path.join(directory, 'peers', 'schema.prisma'))) {
    const prisma = path.join('node_modules', 'prisma', 'build', 'index.js');
    // Generating needs no schema engine, but Prisma would fetch one unless it is told that it has it.
    run(process.execPath, [prisma, 'generate', '--schema=peers/schema.prisma', '--no-hints'], {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    });
  }
}

function isAsNew(made: string, from: string): boolean {
  return existsSync(made) && statSync(made).mtimeMs >= statSync(from).mtimeMs;
}

function run(command: string, parameters: string[], environment: Record<string, string> = {}): void {
  const { status } = spawnSync(command, parameters, {
    cwd: directory,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${command} ${parameters[0]} ended with ${status}.`);
}
