import { Argument, Command } from 'commander';
import { type Item, PARTS, type Part, readOverview } from '@/lib/fleet/overview';
import { withInstance } from '../instance';
import { printJson, printRows } from '../output';

/** What fits on one screen. */
const MOST_ROWS = 12;

export const statusCommand = new Command('status')
  .addArgument(new Argument('[part]', 'only this part, whole').choices(PARTS))
  .option('--json', 'print JSON, whole')
  .addHelpText(
    'after',
    '\nParts that cannot be read are named, and the rest is shown. The exit code is 0 in any case.',
  )
  .action(async (part: string | undefined, { json }: { json?: boolean }) =>
    withInstance(async ({ application, operations, configuration }) => {
      const { BACKUP_AT: at, BACKUP_DRILLS_AT: drillsAt, BACKUP_DRILL_DAYS: drillDays } = configuration;
      const backups = { at, drillsAt, drillDays };
      const parts = await readOverview({ application, operations, backups }, part ? [part] : PARTS);
      if (json) printJson(part ? parts[0] : parts);
      else if (part) showPart(parts[0] as Part);
      else showAll(parts);
    }),
  );

function showAll(parts: readonly Part[]): void {
  const width = Math.max(...parts.map(({ name }) => name.length));
  for (const { name, summary, items } of parts) {
    const bad = items.filter(({ level }) => level === 'bad').length;
    console.log(`${name.padEnd(width)}  ${summary}${bad > 0 ? `  (${bad} bad)` : ''}`);
  }
  const all = parts.flatMap(({ name, items }) => items.map((item) => ({ part: name, ...item })));
  for (const level of ['bad', 'warning'] as const) {
    const found = all.filter((item) => item.level === level);
    if (found.length === 0) continue;
    console.log(`\n${level === 'bad' ? 'Needs action' : 'Worth a look'}`);
    printRows(
      found.slice(0, MOST_ROWS).map(({ part, ...item }) => ({ part, ...rowOf(item) })),
      false,
    );
    if (found.length > MOST_ROWS)
      console.log(`… and ${found.length - MOST_ROWS} more: marquee status ${found[MOST_ROWS]?.part}`);
  }
  if (all.every(({ level }) => level === 'ok') && parts.every(({ state }) => state !== 'unreachable'))
    console.log('\nNothing needs action.');
}

function showPart({ name, summary, items }: Part): void {
  console.log(`${name}: ${summary}`);
  if (items.length === 0) return;
  console.log('');
  printRows(items.map(rowOf), false);
}

function rowOf({ subject, state, detail, next }: Item) {
  return { what: subject, state, detail: detail.length > 70 ? `${detail.slice(0, 69)}…` : detail, next };
}
