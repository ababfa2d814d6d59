import { Command } from 'commander';
import { type RotatedLogins, rotateSeal, sealedSources } from '@/lib/data-sources';
import { withInstance } from '../instance';
import { forEachNamed, printJson, withSpinner } from '../output';

export const sealCommand = new Command('seal');

sealCommand
  .command('rotate [source...]')
  .description(
    'Replace the key of each data source, with the login that has it, while Marquee serves (default: all)',
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
A key belongs to the login of the requests, and each session keeps to the key that it began with. So key and login are replaced together, as
\`marquee source rotate-password --login router\` does. Data sources without an owner’s URL, and Supabase projects, are left out when none is named.`,
  )
  .action(async (names: string[], { json }: { json?: boolean }) =>
    withInstance(async (instance) => {
      const results: RotatedLogins[] = [];
      await forEachNamed(
        names.length > 0 ? names : await sealedSources(instance.operations),
        json,
        async (name) => {
          const rotate = () => rotateSeal(instance, name);
          results.push(await withSpinner(`Replacing the key of ${name}`, json, rotate));
        },
      );
      showRotated(results, json);
    }),
  );

/** Says what was replaced. Exit code 4 where former logins remain. */
export function showRotated(results: RotatedLogins[], json: boolean | undefined): void {
  if (results.some(({ remaining }) => remaining.length > 0)) process.exitCode ||= 4;
  if (json) {
    printJson(results.map(({ dataSource, ...rest }) => ({ dataSource: dataSource.name, ...rest })));
    return;
  }
  for (const { dataSource, created, dropped, remaining, tenants } of results) {
    console.log(`${dataSource.name}: ${created.join(' and ')} made, ${tenants} tenants switched.`);
    if (dropped.length > 0) console.log(`  Dropped: ${dropped.join(', ')}.`);
    if (remaining.length > 0) {
      console.log(
        `  Still with sessions, though none can sign in: ${remaining.join(', ')}. Run it again to drop them.`,
      );
    }
  }
}
