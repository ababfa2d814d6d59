import type { Command } from 'commander';
import {
  acceptDrift,
  DEFAULT_OPTIONS,
  describeDifference,
  inParallel,
  isHarmful,
  problemOf,
  readDrift,
} from '@/lib/fleet/schema-rollout';
import { tenantDataUpdateScript } from '@/lib/tenant-data';
import { withInstance } from '../instance';
import { printJson } from '../output';

interface Options {
  json?: boolean;
  accept?: boolean;
}

/** Shows what databases have that their version has not, and what they lack of it; prints what a DBA runs. */
export function addDriftCommands(migrate: Command): void {
  migrate
    .command('drift [source]')
    .description('Compare the schema of one database, or of each, with what its own version consists of')
    .option('--accept', 'from now on this database’s schema is what its version consists of')
    .option('--json', 'print JSON')
    .action((name: string | undefined, { accept }: Options, command: Command) =>
      withInstance(async ({ operations, application }) => {
        const { json } = command.optsWithGlobals<Options>();
        if (accept && name === undefined) throw command.error('error: --accept needs a data source');
        const sources = name ? [await operations.dataSources.get(name)] : await operations.dataSources.list();
        const [first] = sources;
        if (accept && first) {
          await acceptDrift({ operations, application }, first);
        }
        const found = await inParallel(sources, DEFAULT_OPTIONS.atOnce, (source) =>
          readDrift(operations, source).catch((error: unknown) => ({
            ...{ source: source.name, fingerprint: '', reference: '', differences: [] },
            problem: problemOf(error),
          })),
        );
        if (found.some((one) => 'problem' in one || one.differences.some(isHarmful))) process.exitCode = 1;
        if (json) return printJson(found);
        for (const one of found) {
          const { source, reference, differences } = one;
          const summary =
            'problem' in one
              ? one.problem.message
              : differences.length === 0
                ? `as its version (reference: ${reference})`
                : `${differences.length} differences from its version (reference: ${reference})`;
          console.log(`${source}: ${summary}`);
          for (const difference of differences) console.log(`  ${describeDifference(difference)}`);
        }
      }),
    );
  migrate
    .command('script')
    .description(
      'Print the SQL that brings a tenant data database to this version, for its DBA to run as the owner',
    )
    .option('--json', 'print JSON with the SQL in it')
    .action(async (_: Options, command: Command) => {
      const { json } = command.optsWithGlobals<Options>();
      const script = `begin;\n${await tenantDataUpdateScript()}\ncommit;\n`;
      if (json) return printJson({ script });
      process.stdout.write(script);
    });
}
