import { Command } from 'commander';
import {
  changeThreshold,
  type HealthChange,
  HealthError,
  readChanges,
  readHealth,
  readThresholds,
  type SourceHealth,
  THRESHOLDS,
  type ThresholdName,
} from '@/lib/fleet/health';
import { pause } from '@/lib/time';
import { ago } from '../ago';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface ShowOptions {
  json?: boolean;
  watch?: boolean;
}

export const healthCommand = new Command('health');

healthCommand
  .command('show [source]', { isDefault: true })
  .description('Show all data sources, the worst first; or one with its measures and changes')
  .option('--watch', 'show it again every two seconds, until Ctrl-C')
  .option('--json', 'print JSON; with --watch one line each time')
  .addHelpText(
    'after',
    `
Servers that run probe each source every few seconds; this only reads what they found. A source is unknown where none runs.
Exit code 0 whatever the states are.`,
  )
  .action(async (source: string | undefined, options: ShowOptions) =>
    withInstance(async ({ operations }) => {
      for (;;) {
        await show(operations, source, options);
        if (!options.watch) return;
        await pause(2_000);
      }
    }),
  );

healthCommand
  .command('thresholds [source] [changes...]')
  .description('List thresholds, or change some: name=value; name= restores the default')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    '\nThe source is a name, or “all”. Example: marquee health thresholds main disk_bytes=500000000000',
  )
  .action(async (source: string | undefined, changes: string[], { json }: { json?: boolean }) =>
    withInstance(async (instance) => {
      const { operations } = instance;
      const named = source && source !== 'all' ? await operations.dataSources.get(source) : undefined;
      for (const change of changes)
        await changeThreshold(instance, named, readChange(change), { actor: cliActor() });
      const values = (await readThresholds(operations.pool))(named?.id ?? '');
      const rows = Object.entries(THRESHOLDS).map(([name, threshold]) => ({
        name,
        value: values[name as ThresholdName],
        default: threshold.default,
        means: threshold.means,
      }));
      printRows(rows, json);
    }),
  );

async function show(
  { dataSources, pool }: Instance['operations'],
  name: string | undefined,
  { json, watch }: ShowOptions,
): Promise<void> {
  if (name) await dataSources.get(name);
  const sources = await readHealth(pool, name);
  const [one] = sources;
  const changes = name && one ? await readChanges(pool, one.id, 10) : [];
  const answer = name ? { ...one, changes } : sources;
  if (json) {
    if (watch) console.log(JSON.stringify(answer));
    else printJson(answer);
    return;
  }
  if (watch && process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
  if (name && one) showOne(one, changes);
  else showAll(sources);
}

function showAll(sources: readonly SourceHealth[]): void {
  const rows = sources.map(({ name, state, since, probedAt, findings: [first] }) => ({
    name,
    state,
    for: state === 'unknown' ? '–' : ago(since),
    probed: probedAt ? `${ago(probedAt)} ago` : 'never',
    cause: first ? `${first.title}. ${first.evidence}` : '',
  }));
  printRows(rows, false, 'There are no data sources. Add one: marquee source add');
}

function showOne(health: SourceHealth, changes: readonly HealthChange[]): void {
  const { name, state, since, probedAt, findings, measures, facts } = health;
  console.log(`${name}: ${state}${state === 'unknown' ? '' : ` for ${ago(since)}`}`);
  console.log(
    probedAt ? `probed ${ago(probedAt)} ago` : 'never probed: no server runs, or it was added just now',
  );
  for (const { level, title, evidence, nextStep } of findings)
    console.log(`\n${level}: ${title}. ${evidence}\n  → ${nextStep}`);
  const shown = Object.entries(measures).map(([measure, value]) => ({
    measure,
    value: Number.isInteger(value) ? String(value) : value.toFixed(value < 1 ? 3 : 1),
  }));
  if (shown.length > 0) {
    console.log('');
    printRows(shown, false);
  }
  for (const [fact, text] of Object.entries(facts)) console.log(`${fact}: ${text}`);
  if (changes.length > 0) console.log('');
  for (const { at, from, to, title, evidence } of changes)
    console.log(`${at.toISOString()}  ${from} → ${to}${title ? `  ${title}. ${evidence}` : ''}`);
}

interface Change {
  name: string;
  /** Null goes back to the default. */
  value: number | null;
}

function readChange(text: string): Change {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (name && value === '') return { name, value: null };
  const number = Number(value);
  if (!name || Number.isNaN(number)) {
    throw new HealthError('health_threshold_invalid', `“${text.slice(0, 60)}” is no change of a threshold.`, {
      hint: 'Write name=value, with a number: connections_left=10',
    });
  }
  return { name, value: number };
}
