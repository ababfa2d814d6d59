// A standby that lacks the last change of a fence was promoted: the next run of the move makes the change again.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import { sealClaims, sealKeyOf } from '@/lib/tenant-data';
import { createWorld } from '../world';

const world = await createWorld();
const [source, target] = world.databases;
after(() => world.onPoint(() => {}));

const works = (tenant: string) =>
  world.manager.execute(tenant, { text: `insert into accounts (name) values ('on')`, values: [] });

/** The row as it was before the fence was opened the last time. */
const closedAgain = (database: typeof source, tenant: string, epoch: number) =>
  database.sql(
    `update tenancy.fence set state = 'closed', epoch = $2, reason = holder where tenant_id = $1`,
    [tenant, epoch],
  );

/** The SQLSTATE by which a router with a route of this epoch is refused; undefined where it may enter. */
async function refusalOf(
  database: typeof source,
  tenant: string,
  epoch: number,
): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: database.routerUrl });
  await client.connect();
  const claims = JSON.stringify({ role: 'tenant_service', tenant_id: tenant });
  const values = [tenant, epoch, 'tenant_service', sealClaims(claims, sealKeyOf(database.routerUrl))];
  try {
    await client.query('begin');
    await client.query('select tenancy.enter($1, $2, $3, $4, false)', values);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}

async function moved() {
  const tenant = await world.tenant(source, 5);
  const move = await world.start(tenant, target);
  assert.equal(await world.run(move), 'ready');
  assert.equal(await world.want(move, 'cut_over'), 'moved');
  return { tenant, move };
}

describe('a change of a fence that a standby lacks', { concurrency: false }, () => {
  test('after the cut-over: the target is opened again', async () => {
    const { tenant, move } = await moved();
    await closedAgain(target, tenant, 0);
    assert.equal(await world.run(move), 'moved');
    await works(tenant);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('after the cut-over: the source is closed again', async () => {
    const { tenant, move } = await moved();
    await source.sql(
      `update tenancy.fence set state = 'open', epoch = 1, reason = null where tenant_id = $1`,
      [tenant],
    );
    assert.equal(await refusalOf(source, tenant, 1), undefined);
    assert.equal(await world.run(move), 'moved');
    assert.equal(await refusalOf(source, tenant, 1), 'MQ001');
    await works(tenant);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('while it completes: the target is opened before the source’s rows are removed', async () => {
    const { tenant, move } = await moved();
    world.failAt('clean_up');
    await assert.rejects(world.want(move, 'complete'));
    world.onPoint(() => {});
    await closedAgain(target, tenant, 0);
    assert.equal(await world.run(move), 'completed');
    await works(tenant);
  });

  test('after a rollback: the source is opened again', async () => {
    const { tenant, move } = await moved();
    world.failAt('clean_up');
    await assert.rejects(world.want(move, 'rollback'));
    world.onPoint(() => {});
    await closedAgain(source, tenant, 1);
    assert.equal(await world.run(move), 'rolled_back');
    await works(tenant);
  });

  test('after a cut-over that was given up: the source is opened again', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    assert.equal(await world.run(move), 'ready');
    world.failAt('decide');
    await assert.rejects(world.want(move, 'cut_over'));
    world.onPoint(() => {});
    await works(tenant);
    await closedAgain(source, tenant, 1);
    assert.equal(await world.run(move), 'ready');
    await works(tenant);
    await closedAgain(source, tenant, 1);
    assert.equal(await world.want(move, 'abort'), 'aborted');
    await works(tenant);
  });

  test('a fence that is not the move’s stays as it is', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    assert.equal(await world.run(move), 'ready');
    await source.sql('select tenancy.close_fence($1, $2)', [tenant, 'maintenance']);
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.equal(await refusalOf(source, tenant, 1), 'MQ001');
  });
});
