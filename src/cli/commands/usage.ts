import { Command, Option } from 'commander';
import { readNames } from '@/lib/data-sources';
import type { UsedAt } from '@/lib/usage';
import {
  GRANULARITIES,
  type Granularity,
  monthOf,
  periodOfMonth,
  readConsumption,
  readExpensiveStatements,
  readFreshness,
  readMonth,
  readPeriod,
} from '@/lib/usage';
import { withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface ShowOptions {
  from?: string;
  to?: string;
  granularity: Granularity;
  source?: string;
  json?: boolean;
}

export const usageCommand = new Command('usage');

usageCommand
  .command('show [tenant]', { isDefault: true })
  .description(
    'Show usage by tenant and data source: this month’s, or by the hours, days or months of a period',
  )
  .option('--from <time>', 'first hour, day or month: 2026-11, 2026-11-30, 2026-11-30T12:00Z')
  .option('--to <time>', 'the end, not included (default: now)')
  .addOption(new Option('--granularity <granularity>').choices(GRANULARITIES).default('monthly'))
  .option('--source <source>', 'only what was used at this data source')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Each process adds its counts once a minute. “platform” is what no data source has a part in: HTTP answers, files, backups, mail.
What is counted how: docs/usage.md.`,
  )
  .action(async (name: string | undefined, options: ShowOptions) =>
    withInstance(async (instance) => {
      const { pool, dataSources } = instance.operations;
      const { granularity, source } = options;
      const tenant = name === undefined ? undefined : await instance.application.tenants.named(name);
      const period = readPeriod(options, granularity);
      const place = source === undefined ? undefined : (await dataSources.get(source)).id;
      const [consumption, freshness] = await Promise.all([
        readConsumption(pool, { ...period, granularity, place, ...(tenant && { tenantIds: [tenant.id] }) }),
        readFreshness(pool),
      ]);
      const names = await readNames(
        instance,
        consumption.map(({ tenantId }) => tenantId),
      );
      const named = consumption.map((used) => ({
        tenant: names.tenant(used.tenantId),
        source: names.source(used.place),
        ...used,
      }));
      if (options.json) return printJson({ ...period, granularity, ...freshness, consumption: named });
      const { asOf, late } = freshness;
      console.log(
        `As of ${asOf.toISOString().slice(0, 16)}Z${late > 0 ? `; ${late} processes are late` : ''}`,
      );
      printRows(named.map(rowOf), false, 'Nothing was used in this time.');
    }),
  );

usageCommand
  .command('statements <tenant>')
  .description('Show the statements that took most of a tenant’s query time, without their values')
  .option('--month <month>', 'such as 2026-11 (default: this month)')
  .option('--limit <n>', 'how many at most', '10')
  .option('--json', 'print JSON')
  .action(async (name: string, { month, limit, json }: { month?: string; limit: string; json?: boolean }) =>
    withInstance(async (instance) => {
      const { id } = await instance.application.tenants.named(name);
      const period = periodOfMonth(month === undefined ? monthOf(new Date()) : readMonth(month));
      const { pool } = instance.operations;
      const [statements, names] = await Promise.all([
        readExpensiveStatements(
          pool,
          id,
          period,
          Math.min(100, Math.max(1, Math.floor(Number(limit)) || 10)),
        ),
        instance.operations.dataSources.names(),
      ]);
      const rows = statements.map(
        ({ place, fingerprint, calls, querySeconds, share, statement, ...rest }) => ({
          ...{ fingerprint, source: names.get(place) ?? place, calls },
          ...{ querySeconds: Math.round(querySeconds * 1000) / 1000, share: `${Math.round(share * 100)} %` },
          ...rest,
          statement: json || statement.length < 100 ? statement : `${statement.slice(0, 99)}…`,
        }),
      );
      printRows(rows, json, 'Nothing was run in this month.');
    }),
  );

function rowOf({ tenant, source, startsAt, ...used }: UsedAt & { tenant: string; source: string }) {
  const { querySeconds, connectionSeconds, storageByteHours, sampledHours } = used;
  return {
    from: startsAt.toISOString().slice(0, 13).replace('T', ' '),
    ...{ tenant, source, statements: used.statements, rows: used.rows },
    in: bytes(used.bytesIn),
    out: bytes(used.bytesOut),
    query: `${querySeconds.toFixed(1)} s`,
    connection: `${connectionSeconds.toFixed(1)} s`,
    storage: sampledHours > 0 ? bytes(storageByteHours / sampledHours) : '–',
    files: sampledHours > 0 ? bytes(used.fileByteHours / sampledHours) : '–',
    backups: sampledHours > 0 ? bytes(used.backupByteHours / sampledHours) : '–',
    egress: bytes(used.egressBytes),
    mails: used.mails,
  };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
