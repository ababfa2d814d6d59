// Traces of the model, done to real databases step by step: what came of each step in the model must come of it there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import type { Move } from '@/lib/movement';
import { connectMover } from '@/lib/movement/control/mover-connection';
import { beginHeld, holderOf, holdFence } from '@/lib/movement/cutover/fence';
import { Applier } from '@/lib/movement/stream/applier';
import type { StreamedTransaction } from '@/lib/movement/stream/change-stream';
import { sealClaims, sealKeyOf } from '@/lib/tenant-data';
import { endQuietly, inTransaction, readTables, type TenantTable } from '@/lib/tenant-data/rows';
import { createWorld } from '../world';

const model = path.resolve(import.meta.dirname, '../../../../models/move.pml');
const tool = 'spin';
const skip = spawnSync(tool, ['--version']).error && 'spin not installed (apt-get install spin)';
const TRACES = 40;

/** The steps of one random run: `@ <mover> <step> <arguments and outcome>`, `@ r<router> …`. */
function trace(seed: number): string[][] {
  // Three movers and each of their interleavings with stale routers, as in the exhaustive check.
  const { stdout } = spawnSync(tool, [`-n${seed}`, '-DMOVERS=3', '-T', model], { encoding: 'utf8' });
  const steps = [...stdout.matchAll(/@ (.+)/g)].map(([, step = '']) => step.trim().split(' '));
  assert.equal(steps.at(-1)?.[0], 'end', stdout);
  return steps;
}

const claimsOf = (tenant: string, { routerUrl }: { routerUrl: string }) =>
  sealClaims(JSON.stringify({ role: 'tenant_service', tenant_id: tenant }), sealKeyOf(routerUrl));

describe('a trace of the model on real databases', { skip, concurrency: false }, async () => {
  const world = await createWorld();
  const { databases, store, dependencies } = world;
  const id = randomUUID();
  const movers = await Promise.all(
    databases.map(async (database) => {
      const source = await dependencies.endpoint(database.id);
      return connectMover({ url: source.url, moveId: id });
    }),
  );
  /** By router and database. */
  const routers = new Map<string, pg.Client>();
  for (const router of ['r0', 'r1']) {
    for (const [place, database] of databases.entries()) {
      const client = new pg.Client({ connectionString: database.routerUrl });
      client.on('error', () => {});
      await client.connect();
      routers.set(`${router} ${place}`, client);
    }
  }
  after(() => Promise.all([...movers, ...routers.values()].map(endQuietly)));
  const accounts = (await readTables(movers[0] as pg.Client)).find(
    ({ name }) => name === 'accounts',
  ) as TenantTable;

  for (let seed = 1; seed <= TRACES; seed += 1) {
    test(`number ${seed}`, async () => {
      const [source, target] = databases;
      const tenant = await world.tenant(source, 0);
      const { id: moveId } = await world.start(tenant, target);
      // The model begins where the move has claimed the fence at its source and reserved the id at its target.
      const holder0 = `move ${moveId}#0`;
      await movers[0]?.query('select tenancy.claim_fence($1, $2, 1)', [tenant, holder0]);
      await movers[1]?.query('select tenancy.reserve_fence($1, $2)', [tenant, holder0]);
      /** Each attempt as the process that made it knows it, with the streams it has begun. */
      const attempts = new Map<
        string,
        { move: Move; epoch: bigint; applier?: Applier; read: StreamedTransaction[] }
      >();
      /** Rows made in each database, in order. */
      const made: string[][] = [[], []];
      const acknowledged: string[] = [];
      const under = new Map<string, { name: string; client: pg.Client }>();

      const outcomes: Record<string, (who: string, ...values: number[]) => Promise<unknown>> = {
        async take(who) {
          const move = await store.takeOver(moveId);
          attempts.set(who, { move: move as Move, epoch: 0n, read: [] });
        },
        hold: (who, database) =>
          taken(() => holdFence(movers[database] as pg.Client, tenant, holder(who), 10_000)),
        async release(who, database, epoch) {
          const values = [tenant, epoch, holder(who)];
          const sql = 'select tenancy.release_fence($1, $2, $3)::int as released';
          return (await movers[database]?.query(sql, values))?.rows[0].released;
        },
        async route(who) {
          const { dataSourceId, epoch } = await dependencies.route(tenant);
          of(who).epoch = epoch;
          return `${dataSourceId === source.id ? 0 : 1} ${epoch}`;
        },
        clear: (who) =>
          taken(() =>
            inTransaction(movers[1] as pg.Client, beginHeld(tenant, holder(who)), async () => {
              await movers[1]?.query('delete from accounts where tenant_id = $1', [tenant]);
              await movers[1]?.query(`update tenancy.move_progress set lsn = '0/0' where move_id = $1`, [
                moveId,
              ]);
            }),
          ),
        async read(who, target, from, upTo) {
          const applier = new Applier({
            ...{ client: movers[target] as pg.Client, moveId, stream: target === 1 ? 'forward' : 'reverse' },
            ...{ tables: [accounts], sourceTables: [accounts], tenantId: tenant },
          });
          assert.equal(await applier.begin(0n), BigInt(from));
          assert.equal(made[1 - target]?.length, upTo);
          of(who).applier = applier;
          of(who).read = [];
          for (let at = from; at < upTo; at += 1) {
            const rowId = made[1 - target]?.[at] as string;
            of(who).read.push(await transactionOf(1 - target, rowId, BigInt(at + 1)));
          }
        },
        apply: (who) =>
          taken(async () => {
            const { applier, read } = of(who);
            // An empty one too: a position is compared whatever there is to write.
            const nothing = { changes: [], markers: [], commitLsn: applier?.position ?? 0n };
            await applier?.apply(read.length > 0 ? read : [nothing]);
          }),
        record: (who, epoch) => taken(() => store.recordDecision(of(who).move, BigInt(epoch), '0/0')),
        async decide(_who, database, epoch) {
          const place = { dataSourceId: databases[database]?.id ?? '', tenantIdInDataSource: tenant };
          const changeRoute = await dependencies.prepareRoute(tenant, place);
          return (await changeRoute(BigInt(epoch), 'test')) ? 1 : 0;
        },
        async enter(who, database, epoch) {
          const client = routers.get(`${who} ${database}`) as pg.Client;
          await client.query('begin');
          try {
            await client.query('select tenancy.enter($1, $2, $3, $4, false)', [
              ...[tenant, epoch, 'tenant_service', claimsOf(tenant, databases[database] ?? source)],
            ]);
            under.set(who, { name: randomUUID(), client });
            return 1;
          } catch (error) {
            assert.equal((error as pg.DatabaseError).code, 'MQ001');
            await client.query('rollback');
            return 0;
          }
        },
        async wrote(who, database) {
          const { name, client } = under.get(who) as { name: string; client: pg.Client };
          const { rows } = await client.query('insert into accounts (name) values ($1) returning id', [name]);
          await client.query('commit');
          made[database]?.push(rows[0].id);
          acknowledged.push(name);
        },
      };
      const of = (who: string) =>
        attempts.get(who) as { move: Move; epoch: bigint; applier?: Applier; read: StreamedTransaction[] };
      const holder = (who: string) => holderOf(of(who).move);
      const transactionOf = async (
        database: number,
        rowId: string,
        commitLsn: bigint,
      ): Promise<StreamedTransaction> => {
        const { rows } = await (movers[database] as pg.Client).query(
          `select array[${accounts.columns.map(({ name }) => `${pg.escapeIdentifier(name)}::text`).join(', ')}] as values
           from accounts where tenant_id = $1 and id = $2`,
          [tenant, rowId],
        );
        const { values } = rows[0] as { values: string[] };
        return {
          changes: [{ kind: 'upsert', table: 'accounts', key: [rowId], values }],
          markers: [],
          size: 0,
          commitLsn,
        };
      };

      const steps = trace(seed);
      for (const [who = '', step = '', ...rest] of steps) {
        if (who === 'end') break;
        const values = rest.map(Number);
        const came = await outcomes[step]?.(who, ...values);
        const expected = step === 'route' ? rest.join(' ') : values.at(-1);
        if (!['take', 'read', 'wrote'].includes(step)) {
          assert.equal(
            came,
            expected,
            `${who} ${step} ${rest.join(' ')} of:\n${steps.map((one) => one.join(' ')).join('\n')}`,
          );
        }
      }

      const database = Number(steps.at(-1)?.[1]);
      const { dataSourceId } = await dependencies.route(tenant);
      assert.equal(dataSourceId, databases[database]?.id);
      const { rows } = await (databases[database] ?? source).sql(
        'select name from accounts where tenant_id = $1',
        [tenant],
      );
      assert.deepEqual(rows.map(({ name }) => name).sort(), acknowledged.sort());
    });
  }
});

/** 1 when it was done, 0 when it was refused because another attempt works on the move. */
async function taken(work: () => Promise<unknown>): Promise<0 | 1> {
  try {
    await work();
    return 1;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'move_taken_over' || code === 'MQ021') return 0;
    throw error;
  }
}
