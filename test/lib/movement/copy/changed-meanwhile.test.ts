// Rows that are deleted, get other keys, or whose table is emptied, while they are copied.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MoveMode } from '@/lib/movement';
import { administer } from '../../../support/postgres';
import { createWorld, leftovers, NOTHING } from '../world';

const world = await createWorld();
const [source, target] = world.databases;
for (const { ownerUrl } of world.databases) {
  const own = (name: string) => `
    create table ${name} (tenant_id uuid not null default tenancy.current_tenant(), no int, body text, large text, primary key (tenant_id, no));
    alter table ${name} enable row level security;
    create policy own on ${name} to tenant_service using (tenant_id = (select tenancy.current_tenant()));
    create policy tenant_mover on ${name} to tenant_mover using (true) with check (true);
    grant select, insert, update, delete on ${name} to tenant_service, tenant_mover`;
  await administer(ownerUrl, [own('sheets'), own('slips')].join(';'));
}
/** Stored apart from its row, so that a change of the row does not send it. */
const LARGE = `(select string_agg(md5(n::text || m::text), '') from generate_series(1, 500) m)`;

async function rowsOf(database: typeof source, tenant: string, table: string) {
  const { rows } = await database.sql(
    `select no, body, md5(large) as large from ${table} where tenant_id = $1 order by no`,
    [tenant],
  );
  return rows;
}

describe('rows that change while they are copied', { concurrency: false }, () => {
  for (const mode of ['logical', 'change_log'] as MoveMode[]) {
    for (const point of ['copy', 'copied_range', 'verified'] as const) {
      test(`arrive as they are, and go back so (${mode}, at ${point})`, async () => {
        const tenant = await world.tenant(source, 10);
        const change = async (...texts: string[]) => {
          for (const text of texts) await world.manager.execute(tenant, { text, values: [] });
        };
        await change(
          `insert into sheets (no, body, large) select n, 'sheet ' || n, ${LARGE} from generate_series(1, 40) n`,
          `insert into slips (no, body) select n, 'slip ' || n from generate_series(1, 40) n`,
        );
        let changed: Promise<void> | undefined;
        const meanwhile = async () => {
          await change(
            // A key is taken by another row, and one row has three keys.
            'delete from sheets where no <= 10',
            'update sheets set no = no - 10 where no <= 20',
            `update sheets set no = 100, body = 'moved' where no = 30`,
            'update sheets set no = 101 where no = 100',
            'update sheets set no = 30 where no = 101',
            'delete from sheets where no = 31',
            `insert into sheets (no, body) values (31, 'again')`,
            'delete from sheets where no = 32',
          );
          // A copy that has read the table holds it until its end.
          if (point !== 'copied_range') await administer(source.ownerUrl, 'truncate slips');
          await change(
            `insert into slips (no, body) values (2, 'after'), (50, 'after') on conflict (tenant_id, no) do update set body = 'after'`,
          );
        };
        const move = await world.start(tenant, target, { mode });
        await world.run(move, async (at) => {
          if (at !== point) return;
          changed ??= meanwhile();
          await changed;
        });
        assert.ok(changed, 'changed meanwhile');
        assert.equal(await world.want(move, 'cut_over'), 'moved');
        const there = [await rowsOf(target, tenant, 'sheets'), await rowsOf(target, tenant, 'slips')];
        assert.deepEqual(there, [
          await rowsOf(source, tenant, 'sheets'),
          await rowsOf(source, tenant, 'slips'),
        ]);
        assert.equal(there[0]?.length, 29);
        assert.equal(there[1]?.length, point === 'copied_range' ? 41 : 2);
        await change(`update sheets set no = no + 1000 where no > 20`, 'delete from slips where no = 2');
        await administer(target.ownerUrl, 'truncate slips');
        await change(`insert into slips (no, body) values (7, 'at the target')`);
        assert.equal(await world.want(move, 'rollback'), 'rolled_back');
        assert.deepEqual(await rowsOf(source, tenant, 'slips'), [
          { no: 7, body: 'at the target', large: null },
        ]);
        const numbers = (await rowsOf(source, tenant, 'sheets')).map(({ no }) => no);
        assert.deepEqual([numbers.length, numbers.filter((no) => no > 1000).length], [29, 19]);
        assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
      });
    }
  }
});
