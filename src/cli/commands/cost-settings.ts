// How bills are allocated: weights, capacities, the margin. Each holds from a month on, and is recorded in the audit log.
import { Command } from 'commander';
import {
  type Capacity,
  changeSetting,
  METRICS,
  monthOf,
  readMonth,
  readSettings,
  UsageError,
  type Weights,
} from '@/lib/usage';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface SettingOptions {
  from?: string;
  json?: boolean;
}

const since = ({ from }: SettingOptions) => (from === undefined ? monthOf(new Date()) : readMonth(from));

const weights = new Command('weights')
  .argument('[weights...]', `metric=points, of ${METRICS.join(', ')}`)
  .description(
    'Show by which weights bills of data sources are allocated, or set them: storage=40 query_time=40 connection_time=10 bytes=10',
  )
  .option('--from <month>', 'from which month on (default: this month); earlier months keep theirs')
  .option('--json', 'print JSON')
  .action(async (given: string[], options: SettingOptions) =>
    withInstance(async (instance) => {
      if (given.length > 0) {
        const value = Object.fromEntries(given.map(readPair)) as Weights;
        await change(instance, { name: 'weights', value, since: since(options), by: cliActor() });
      }
      const {
        weights: held,
        margin,
        capacity,
      } = await readSettings(instance.operations.pool, since(options));
      const names = await instance.operations.dataSources.names();
      if (options.json)
        return printJson({
          month: since(options),
          weights: held,
          margin,
          capacity: Object.fromEntries(capacity),
        });
      printRows(
        Object.entries(held).map(([metric, points]) => ({ metric, points })),
        false,
      );
      console.log(`margin of plans: ${margin}`);
      for (const [place, { storageBytes, cores }] of capacity)
        console.log(
          `capacity of ${names.get(place) ?? place}: storage ${storageBytes ?? '–'} bytes, cores ${cores ?? '–'}`,
        );
    }),
  );

const capacity = new Command('capacity')
  .argument('<source>', 'the data source')
  .description('Set the capacity of a data source: what of it was not used is shown as idle')
  .option('--storage-gb <size>', 'GB (10⁹ bytes) of its disk')
  .option('--cores <n>', 'statements that it runs at the same time')
  .option('--from <month>', 'from which month on (default: this month)')
  .option('--json', 'print JSON')
  .action(async (name: string, options: SettingOptions & { storageGb?: string; cores?: string }) =>
    withInstance(async (instance) => {
      const { id } = await instance.operations.dataSources.get(name);
      const value: Capacity = {
        ...(options.storageGb !== undefined && { storageBytes: Number(options.storageGb) * 1e9 }),
        ...(options.cores !== undefined && { cores: Number(options.cores) }),
      };
      await change(instance, { name: `capacity:${id}`, value, since: since(options), by: cliActor() });
      if (options.json) printJson({ source: name, since: since(options), ...value });
      else console.log(`The capacity of ${name} holds from ${since(options)} on.`);
    }),
  );

const margin = new Command('margin')
  .argument('<share>', 'of a price, what is left after cost: from 0 to 0.99')
  .description('Set the margin in prices of plans')
  .option('--from <month>', 'from which month on (default: this month)')
  .option('--json', 'print JSON')
  .action(async (share: string, options: SettingOptions) =>
    withInstance(async (instance) => {
      await change(instance, { name: 'margin', value: Number(share), since: since(options), by: cliActor() });
      if (options.json) printJson({ margin: Number(share), since: since(options) });
      else console.log(`The margin is ${share} from ${since(options)} on.`);
    }),
  );

export const settingsCommands = [weights, capacity, margin];

async function change(
  { application, operations }: Instance,
  setting: Parameters<typeof changeSetting>[1],
): Promise<void> {
  await changeSetting(operations.pool, setting);
  const { name, value, since: month } = setting;
  await application.audit.append(
    {
      action: 'usage.settings_changed',
      entity: 'usage_settings',
      entityId: name,
      details: { value, since: month },
    },
    { actor: cliActor() },
  );
}

function readPair(text: string): [string, number] {
  const [, name = '', points = ''] = /^(\w+)=([\d.]+)$/.exec(text) ?? [];
  if (name) return [name, Number(points)];
  throw new UsageError('cost_settings_invalid', `“${text.slice(0, 40)}” is no weight such as storage=40.`);
}
