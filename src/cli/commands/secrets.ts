import { Command, Option } from 'commander';
import { storeKeys } from '@/lib/backups';
import { readConfiguration } from '@/lib/configuration';
import { dataSourceManager } from '@/lib/data-sources/manager';
import {
  type RotationDependencies,
  type RotationResult,
  retireKey,
  rotateSecrets,
  type StoreProgress,
  secretsStatus,
} from '@/lib/rotation';
import { cliActor, withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface Json {
  json?: boolean;
}

/** Names of key providers for `--to`, besides the values of KEY_PROVIDER. */
const PROVIDERS = { vault: 'vault-transit', aws: 'aws-kms' } as const;
const KINDS = ['local', 'aws-kms', 'vault-transit', 'supabase-vault'] as const;
type Kind = (typeof KINDS)[number];

export const secretsCommand = new Command('secrets');

secretsCommand
  .command('status')
  .description('Show which key each secret is under, and which key each process encrypts with')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withParts(undefined, async (parts) => {
      const status = await secretsStatus(parts);
      if (status.problems.length > 0) process.exitCode = 4;
      if (json) return printJson(status);
      console.log(`Encrypts with ${status.present}.\n`);
      const rows = status.stores.flatMap(({ store, keys }) =>
        Object.entries(keys).map(([key, secrets]) => ({ secrets, in: store, key })),
      );
      printRows(rows, false, 'There are no secrets.');
      for (const { host, pid, role, wraps } of status.processes) {
        console.log(`\n${role} ${host} (${pid}) encrypts with ${wraps ?? 'an unknown key'}`);
      }
      if (status.retired.length > 0) console.log(`\nRetired: ${status.retired.join(', ')}`);
      for (const problem of status.problems) console.error(`Not read: ${problem}`);
    }),
  );

secretsCommand
  .command('rotate')
  .description(
    'Re-encrypt every secret with the current key; run again, it continues where it was interrupted',
  )
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withParts(undefined, async (parts) => report(await rotate(parts, 'secrets.rotate', json), json)),
  );

secretsCommand
  .command('migrate')
  .description('Re-encrypt every secret with another key provider, which every process can already use')
  .addOption(
    new Option('--to <provider>', 'who encrypts from now on')
      .choices([...KINDS, ...Object.keys(PROVIDERS)])
      .makeOptionMandatory(),
  )
  .option('--json', 'print JSON')
  .action(async ({ json, to }: Json & { to: Kind | keyof typeof PROVIDERS }) => {
    const kind = to in PROVIDERS ? PROVIDERS[to as keyof typeof PROVIDERS] : (to as Kind);
    await withParts(kind, async (parts) => {
      report(await rotate(parts, 'secrets.migrate', json), json);
      if (!json) {
        console.log(
          `Now set KEY_PROVIDER=${kind} for every process and restart one after another, then run: marquee secrets rotate`,
        );
      }
    });
  });

secretsCommand
  .command('retire <key>')
  .description('Retire a key; refused while a secret is under it or a process encrypts with it')
  .option('--json', 'print JSON')
  .action(async (key: string, { json }: Json) =>
    withParts(undefined, async (parts) => {
      await retireKey(parts, key, { actor: cliActor() });
      if (json) return printJson({ retired: key });
      console.log(
        `No secret is encrypted with ${key}. It may be removed from the configuration, or destroyed in its key service.`,
      );
    }),
  );

/** @param keyProvider who encrypts, where that is not the configuration's */
async function withParts(
  keyProvider: Kind | undefined,
  work: (parts: RotationDependencies) => Promise<void>,
): Promise<void> {
  const configuration = readConfiguration();
  await withInstance(
    async ({ application, operations, secretBox }) => {
      try {
        await work({ application, operations, secretBox, manager: dataSourceManager });
      } finally {
        await dataSourceManager.close();
      }
    },
    { ...configuration, KEY_PROVIDER: keyProvider ?? configuration.KEY_PROVIDER },
  );
}

function rotate(
  parts: RotationDependencies,
  action: 'secrets.rotate' | 'secrets.migrate',
  json: boolean | undefined,
): Promise<RotationResult> {
  const isShown = !json && process.stderr.isTTY;
  const show = ({ store, done, rewritten }: StoreProgress) =>
    process.stderr.write(`\r\u001b[K${store}: ${done} read, ${rewritten} re-encrypted`);
  return rotateSecrets(parts, { actor: cliActor() }, { action, progress: isShown ? show : undefined })
    .then((result) => withStoredKeys(parts, result))
    .finally(() => {
      if (isShown) process.stderr.write('\r\u001b[K');
    });
}

/** Backups are opened by the keys in their stores where the operations database is lost, so those are replaced, too. */
async function withStoredKeys(
  parts: RotationDependencies,
  { problems, ...result }: RotationResult,
): Promise<RotationResult> {
  const stored = await storeKeys(parts);
  return {
    ...result,
    problems: [...problems, ...stored.problems.map((problem) => (problem as Error).message)],
  };
}

function report(result: RotationResult, json: boolean | undefined): void {
  const { present, stores, problems } = result;
  if (problems.length > 0) process.exitCode = 4;
  if (json) {
    printJson(result);
    return;
  }
  const rows = stores.map(({ store, done, rewritten }) => ({
    secrets: done,
    're-encrypted': rewritten,
    in: store,
  }));
  printRows(rows, false);
  for (const problem of problems) console.error(`Not done: ${problem}`);
  console.log(
    problems.length > 0
      ? `\n${problems.length} could not be brought to ${present}. Correct that, and run it again.`
      : `\nEvery secret is under ${present}.`,
  );
}
