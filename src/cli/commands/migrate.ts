import { Command, Option } from 'commander';
import { migrateApplicationDatabase, planApplicationDatabase, projectScript } from '@/lib/application';
import { applicationPlace } from '@/lib/configuration';
import {
  advanceSchemaRollout,
  isPending,
  problemOf,
  resumeSchemaRollout,
  type SchemaRollout,
  type SchemaRolloutDependencies,
  type SchemaRolloutOptions,
  type SchemaRolloutPlan,
  SchemaRolloutStore,
  startSchemaRollout,
} from '@/lib/fleet/schema-rollout';
import type { PlannedMigration } from '@/lib/migrations';
import { migrateOperationsDatabase, OperationsError, planOperationsDatabase } from '@/lib/operations';
import { pause } from '@/lib/time';
import { describeLogin } from '../audit-settings';
import { percentages, wholeNumber } from '../given-values';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';
import { schemaDependencies } from '../schema-dependencies';
import { addDriftCommands } from './migrate-drift';
import { addStateCommands } from './migrate-status';

interface Options {
  json?: boolean;
  dryRun?: boolean;
  source: string[];
  canary: string[];
  waves?: number[];
  atOnce?: number;
  perServer?: number;
  soak?: number;
  onError?: 'halt' | 'continue';
  lockTimeout?: number;
  lockAttempts?: number;
  grace?: number;
  allowDrift?: boolean;
  wait?: boolean;
  script?: boolean;
}

const collect = (value: string, all: string[]) => [...all, value];

export const migrateCommand = new Command('migrate')
  .option('--dry-run', 'change nothing: show what would be done, and the locks that each statement takes')
  .option('--source <source>', 'only this data source; repeatable', collect, [])
  .option('--canary <source>', 'a data source that is migrated first; repeatable', collect, [])
  .option('--waves <percents>', 'percentage that is migrated after each wave (10,100)', percentages)
  .option('--at-once <n>', 'databases that are migrated at a time (12)', wholeNumber(1, 200))
  .option('--per-server <n>', 'of these, on one server (8)', wholeNumber(1, 200))
  .option('--soak <seconds>', 'how long a wave is observed before the next (0)', wholeNumber(0, 86_400))
  .addOption(
    new Option('--on-error <what>', 'after a failure: halt, or continue with the others (halt)').choices([
      'halt',
      'continue',
    ]),
  )
  .option(
    '--lock-timeout <ms>',
    'how long a statement waits for the lock of a table (2000)',
    wholeNumber(10, 60_000),
  )
  .option('--lock-attempts <n>', 'attempts to get the locks of one database (8)', wholeNumber(1, 100))
  .option(
    '--grace <seconds>',
    'after the last process of an older version: before the contract phase (600)',
    wholeNumber(0, 86_400),
  )
  .option('--allow-drift', 'also migrate databases that were changed by hand')
  .option('--wait', 'stay until the rollout is completed, also while it waits for moves or older processes')
  .option(
    '--script',
    'print the SQL that makes or updates the application database of a Supabase project; change nothing',
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
A Supabase project that is reached through its REST API only takes no SQL from Marquee: run what --script prints in its SQL editor,
once and again for each new version. With APPLICATION_DATABASE_OWNER_URL (the project's PostgreSQL URL) this command does it itself.`,
  )
  .action(async (options: Options) => {
    if (options.script) {
      const script = await projectScript();
      if (options.json) printJson({ script });
      else process.stdout.write(script);
    } else await withInstance((instance) => migrateAll(instance, options));
  });

// Commander takes options of this command also where they follow the name of one below, which would ignore them.
migrateCommand.hook('preSubcommand', (command, below) => {
  const ignored = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      !below.options.some(({ long }) => long === option.long),
  );
  if (ignored) command.error(`error: unknown option '${ignored.long}' of migrate ${below.name()}`);
});

addStateCommands(migrateCommand);
addDriftCommands(migrateCommand);

migrateCommand
  .command('resume')
  .description('Resume the open schema rollout after a halt')
  .option('--wait', 'stay until it is completed')
  .option('--json', 'print JSON')
  .action((_: Options, command: Command) =>
    withInstance(async (instance) => {
      const { json, wait } = command.optsWithGlobals<Options>();
      const parts = await schemaDependencies(instance);
      await resumeSchemaRollout(parts);
      await drive(parts, { json, wait });
      const rollout = await new SchemaRolloutStore(instance.operations.pool).get();
      if (json) printJson(rollout);
      conclude(rollout, json);
    }),
  );

async function migrateAll(instance: Instance, options: Options): Promise<void> {
  const { json } = options;
  const own = options.dryRun ? [] : await withSpinner('Migrating', json, () => migrateOwn(instance));
  const parts = await schemaDependencies(instance);
  const request = {
    options: optionsOf(options),
    ...(options.source.length > 0 ? { sources: options.source } : {}),
    requestedBy: cliActor(),
  };
  if (options.dryRun) {
    const own = await planOwn(instance);
    return showPlan({ own, ...(await startSchemaRollout(parts, { ...request, dryRun: true })).plan }, json);
  }
  const { plan, rollout } = await startSchemaRollout(parts, request);
  if (rollout) await drive(parts, options);
  const store = new SchemaRolloutStore(instance.operations.pool);
  const now = rollout && (await store.get(rollout.id));
  const rows = [...own, ...(await rowsOf(plan, store, now))];
  printRows(
    rows.map((row) => ({ ...row })),
    json,
  );
  const { APPLICATION_DATABASE_OWNER_URL: owner } = instance.configuration;
  const weaknesses = owner ? await instance.application.audit.weaknesses() : [];
  if (weaknesses.length > 0) console.error(describeLogin(weaknesses));
  if (now) conclude(now, json);
  else if (rows.some(({ problem }) => problem)) process.exitCode = 1;
}

async function migrateOwn({ configuration }: Instance) {
  const { APPLICATION_DATABASE_OWNER_URL, OPERATIONS_DATABASE_URL } = configuration;
  const application = await migrateApplicationDatabase(
    applicationPlace(configuration) ?? '',
    APPLICATION_DATABASE_OWNER_URL,
  );
  const operations = await migrateOperationsDatabase(OPERATIONS_DATABASE_URL ?? '');
  return [row('application', application), row('operations', operations)];
}

interface PlannedOwn extends Partial<PlannedMigration> {
  database: string;
  /** Why it cannot be migrated. */
  problem?: { code: string; message: string };
}

/** What would be done with Marquee's own databases. */
function planOwn({ configuration }: Instance): Promise<PlannedOwn[]> {
  const { APPLICATION_DATABASE_OWNER_URL: owner, OPERATIONS_DATABASE_URL: operations = '' } = configuration;
  const planned = async (database: string, planning: Promise<PlannedMigration>) =>
    planning.then(
      (plan) => ({ database, ...plan }),
      (error: unknown) => ({ database, problem: problemOf(error) }),
    );
  return Promise.all([
    planned('application', planApplicationDatabase(applicationPlace(configuration) ?? '', owner)),
    planned('operations', planOperationsDatabase(operations)),
  ]);
}

const row = (
  database: string,
  { applied, version }: { applied: number[]; version: number | undefined },
  state = 'done',
  problem?: string,
) => ({ database, applied, version, state, problem });

async function rowsOf(
  plan: SchemaRolloutPlan,
  store: SchemaRolloutStore,
  rollout: SchemaRollout | undefined,
) {
  const states = new Map(rollout && (await store.sources(rollout.id)).map((source) => [source.name, source]));
  return plan.sources.map(({ source, version, expand, contract, problem }) => {
    const state = states.get(source);
    const to = state?.version ?? version;
    const applied = state?.version ? [...expand, ...contract].filter((one) => one <= (to ?? 0)) : [];
    const why = state ? state.problem : problem;
    const said = why ? `${why.message} [${why.code}]` : undefined;
    return row(source, { applied, version: to }, state?.state ?? (problem ? 'failed' : 'done'), said);
  });
}

function optionsOf(given: Options): Partial<SchemaRolloutOptions> {
  const seconds = (n: number | undefined) => (n === undefined ? undefined : n * 1000);
  const options = {
    ...{ canaries: given.canary, percents: given.waves, atOnce: given.atOnce, perServer: given.perServer },
    ...{ soakMs: seconds(given.soak), onError: given.onError, lockTimeoutMs: given.lockTimeout },
    ...{ lockAttempts: given.lockAttempts, graceMs: seconds(given.grace), allowDrift: given.allowDrift },
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** How often to look whether what the rollout waits for is over. */
const WAIT_MS = 1_000;

/** Goes on in this process; where another one does, watches it. */
async function drive(
  parts: SchemaRolloutDependencies,
  { json, wait }: Pick<Options, 'json' | 'wait'>,
): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const store = new SchemaRolloutStore(parts.operations.pool);
  let said = '';
  while (!stopping.signal.aborted) {
    const elsewhere = await withSpinner('Migrating', json, () => advance(parts, stopping.signal));
    const { step, waitsFor, finishedAt } = await store.get();
    if (finishedAt || step === 'halted') return;
    if (!wait && !elsewhere && step !== 'soaking') return;
    if (!json && waitsFor && waitsFor !== said) console.error(`Waiting for ${waitsFor} …`);
    said = waitsFor ?? '';
    await pause(WAIT_MS, { signal: stopping.signal });
  }
}

/** @returns whether another process goes on with it */
async function advance(parts: SchemaRolloutDependencies, signal: AbortSignal): Promise<boolean> {
  try {
    await advanceSchemaRollout(parts, signal);
    return false;
  } catch (error) {
    if (error instanceof OperationsError && error.code === 'job_running') return true;
    throw error;
  }
}

/** Says how it ended, or what it waits for; only a halt is a failure. */
function conclude({ step, failed, waitsFor }: SchemaRollout, json: boolean | undefined): void {
  if (step === 'halted') process.exitCode = 1;
  if (json) return;
  if (step === 'halted' && failed) {
    console.error(`Halted: ${failed.message} [${failed.code}]`);
    // A gate looks at databases that are migrated: there is none to retry.
    const first =
      failed.gate === 'migration'
        ? `marquee migrate retry ${failed.source}, or skip ${failed.source}; and: `
        : '';
    console.error(`  Then: ${first}marquee migrate resume`);
  } else if (waitsFor) {
    console.log(
      `Waits for ${waitsFor}. A running instance goes on by itself; or: marquee migrate resume --wait`,
    );
  }
}

function showPlan(plan: SchemaRolloutPlan & { own: PlannedOwn[] }, json: boolean | undefined): void {
  if (json) {
    printJson(plan);
    return;
  }
  const own = plan.own.map(({ database, version, toVersion, migrations = [], functions = 0, problem }) => {
    const isPending = migrations.length > 0 || functions > 0;
    return {
      ...{
        database,
        version,
        to: toVersion,
        expand: migrations.join(' ') || null,
        contract: null,
        functions,
      },
      state: problem?.message ?? (isPending ? 'to migrate' : 'up to date'),
    };
  });
  const sources = plan.sources.map((source) => ({
    ...{ database: source.source, version: source.version, to: plan.toVersion },
    expand: source.expand.join(' ') || null,
    contract: source.contract.join(' ') || null,
    functions: source.functions,
    state: source.problem ? source.problem.message : isPending(source) ? 'to migrate' : 'up to date',
  }));
  printRows([...own, ...sources], false);
  for (const { version, name, phase, statements } of plan.migrations) {
    console.log(`\n${version} ${name} (${phase})`);
    for (const { statement, locks, blocks, work } of statements) {
      console.log(`  ${statement}`);
      const held =
        locks.map(({ table, mode }) => `${mode} on ${table}`).join(', ') ||
        'no lock on a table that is there';
      console.log(`    ${held}; blocks ${blocks}${work ? `; ${work}` : ''}`);
    }
  }
}
