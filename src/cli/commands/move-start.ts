import { Command, InvalidArgumentError, Option } from 'commander';
import { type ChosenOptions, isSettled, type MoveMode, optionsOf, PACES, startMove } from '@/lib/movement';
import { positiveNumber } from '../given-values';
import { cliActor } from '../instance';
import { drive, type Waiting, withMoves } from './move-run';

interface StartOptions extends Waiting, Omit<ChosenOptions, 'pauseLimitMs' | 'maxStandbyLagBytes'> {
  to: string;
  mode?: MoveMode;
  toTenantId?: string;
  maxStandbyLag?: number;
  pauseLimit?: number;
  /** Says what is the default. */
  wait?: boolean;
}

const uuid = (text: string) => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be a UUID.');
};

export const startCommand = new Command('start')
  .argument('<tenant>')
  .description('Copy a tenant (id or subdomain) to another data source and replicate its changes there')
  .requiredOption('--to <source>', 'data source to move to, by name or id')
  .addOption(
    new Option('--mode <mode>', 'how changes are captured').choices(['logical', 'change_log', 'offline']),
  )
  .option('--to-tenant-id <uuid>', 'another id for the tenant at the target', uuid)
  .option('--auto-cut-over', 'cut over as soon as every row has been verified')
  .option('--auto-complete', 'remove the rows at the source after the cut-over; no rollback')
  .option('--copy-workers <n>', 'key ranges copied in parallel', positiveNumber)
  .option('--bytes-per-second <n>', 'limit of the copy', positiveNumber)
  .option(
    '--max-active <n>',
    'slow down while more statements of others run at a database (8)',
    positiveNumber,
  )
  .option(
    '--max-latency-ratio <x>',
    'slow down while a probe takes this many times as long as before the copy (1.5 while others work, else 4)',
    positiveNumber,
  )
  .option(
    '--max-standby-lag <bytes>',
    'slow down while a standby lags so much further (64 MiB)',
    positiveNumber,
  )
  .addOption(
    new Option(
      '--pace <pace>',
      'gentle: slow down early for others; full: copy at full speed however busy the databases are',
    )
      .choices(Object.keys(PACES))
      .default('normal'),
  )
  .option(
    '--shadow-reads <share>',
    'share of the tenant’s reads that is repeated and compared at the target before the cut-over (0.05)',
    positiveNumber,
  )
  .option('--no-shadow-reads', 'repeat no reads')
  .option(
    '--max-read-ratio <x>',
    'cut over only if reads take at most this many times as long at the target',
    positiveNumber,
  )
  .option('--pause-limit <ms>', 'how long statements may wait during the cut-over', positiveNumber)
  .option('--wait', 'return when the move waits for a decision or has ended (the default)')
  .addOption(new Option('--detach', 'record the move and leave it to the running instance').conflicts('wait'))
  .option('--json', 'print JSON')
  .action((name: string, options: StartOptions) =>
    withMoves(async (moves, instance) => {
      const tenant = await instance.application.tenants.named(name);
      const source = await instance.operations.dataSources.get(options.to);
      const {
        to: _,
        wait: __,
        mode,
        toTenantId,
        detach,
        json,
        maxStandbyLag,
        pauseLimit,
        ...chosen
      } = options;
      const move = await startMove(moves, {
        ...{ tenantId: tenant.id, toSource: source.id, mode, toTenantId, requestedBy: cliActor() },
        options: optionsOf({ ...chosen, maxStandbyLagBytes: maxStandbyLag, pauseLimitMs: pauseLimit }),
      });
      await drive(instance, moves, move.id, { detach, json }, isSettled);
    }),
  );
