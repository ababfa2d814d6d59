// Every command gets hostile arguments, options and files, with an instance, with databases that are away, and with variables that are wrong.
// Each says what is wrong as one of its own errors, with an exit code of the table, and shows no credential and no stack.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { fail, prepare } from '@/cli/output';
import { createInstallation } from '../lib/data-sources/installation';
import { leafCommands } from './leaf-commands';

const canary = `canary${randomBytes(16).toString('hex')}`;
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-hostile-'));
after(() => rm(directory, { recursive: true, force: true }));
const urlFile = path.join(directory, 'url');
await writeFile(urlFile, `postgresql://owner:${canary}@127.0.0.1:1/x?marquee_seal=${canary}`);

/** What an argument of a process can hold: neither a NUL nor half a surrogate pair. */
const VALUES = [
  "'; drop table tenants; --",
  '../../../../etc/passwd',
  `postgresql://owner:${canary}@127.0.0.1:1/x`,
  'a\u0001\u202eb\ufffd%s`',
  '9'.repeat(400),
];
/** They go on until they are ended, or ask at a terminal. */
const NOT_RUN = new Set(['start', 'rest', 'operator sign-in']);
/** docs/reference/errors.md. */
const EXIT_CODES = [0, 1, 2, 3, 4];
const AT_ONCE = 8;

const away = (name: string) => `postgresql://marquee:${canary}@127.0.0.1:1/${name}`;
const { applicationUrl, operationsUrl, key } = await createInstallation();
const SECRETS = [canary, key];
const commands = [...(await leafCommands())].filter(([name]) => !NOT_RUN.has(name));
let program = commands[0]?.[1] ?? assert.fail('no commands');
while (program.parent) program = program.parent;
prepare(program);

/**
 * What a command must be given, and where `all` every option that takes a value.
 *
 * @param nth which value the first gets; the next gets the next
 */
function argumentsFor(name: string, command: Command, nth: number, all: boolean): string[] {
  let given = nth;
  const nextOf = (choices: readonly string[] | undefined) => {
    given += 1;
    return choices?.[0] ?? VALUES[given % VALUES.length] ?? '';
  };
  const options = command.options.filter(
    ({ mandatory, long, required, optional }) =>
      (required || optional) && (all || mandatory || long === '--url-file'),
  );
  return [
    ...name.split(' '),
    ...options.map(
      ({ long, argChoices }) => `${long}=${long === '--url-file' ? urlFile : nextOf(argChoices)}`,
    ),
    '--',
    ...command.registeredArguments.map(({ argChoices }) => nextOf(argChoices)),
  ];
}

/** What each command prints, while several run at once. */
const printed = new AsyncLocalStorage<string[]>();
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = ((...given: Parameters<typeof write>) => {
    const lines = printed.getStore();
    if (!lines) return write(...given);
    lines.push(String(given[0]));
    given.find((one) => typeof one === 'function')?.();
    return true;
  }) as typeof stream.write;
}

async function walk(environment: Record<string, string>, { all }: { all: boolean }): Promise<void> {
  Object.assign(process.env, environment, { MARQUEE_STATE_DIRECTORY: path.join(directory, 'state') });
  const wrong: string[] = [];
  const waiting = commands.entries();
  const work = async () => {
    for (const [index, [name, command]] of waiting) {
      const given = argumentsFor(name, command, index, all);
      const lines: string[] = [];
      const code = await printed.run(lines, () =>
        program.parseAsync(given, { from: 'user' }).then(
          () => 0,
          (failure: unknown) => fail(failure, true),
        ),
      );
      const text = lines.join('');
      const faults = [
        SECRETS.some((secret) => text.includes(secret)) && 'shows a secret',
        /internal_error|\n\s+at .+:\d+/.test(text) && 'an error that is not its own',
        !EXIT_CODES.includes(code) && `exit code ${code}`,
        code !== 0 && !/[a-z]{3}.*[.:]/i.test(text) && 'does not say why',
      ].filter((fault) => fault !== false);
      if (faults.length > 0)
        wrong.push(`${faults.join(', ')}: ${JSON.stringify(given)}: ${text}`.slice(0, 1_000));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.ok(EXIT_CODES.includes(Number(process.exitCode ?? 0)));
  process.exitCode = undefined;
  assert.deepEqual(wrong, []);
}

const INSTANCE = {
  APPLICATION_DATABASE_URL: applicationUrl,
  OPERATIONS_DATABASE_URL: operationsUrl,
  ENCRYPTION_KEY: key,
};

test('hostile values of required arguments are answered with a code', () => walk(INSTANCE, { all: false }));
test('hostile values of every option are answered with a code', () => walk(INSTANCE, { all: true }));

test('the same while the databases cannot be reached', () =>
  walk(
    {
      APPLICATION_DATABASE_URL: away('application'),
      OPERATIONS_DATABASE_URL: away('operations'),
      ENCRYPTION_KEY: key,
    },
    { all: false },
  ));

test('the same with a key and URLs that are malformed', () =>
  walk(
    {
      APPLICATION_DATABASE_URL: `postgresql//${canary}`,
      OPERATIONS_DATABASE_URL: `${canary}:${canary}@`,
      ENCRYPTION_KEY: `${key}${canary}`,
    },
    { all: true },
  ));
