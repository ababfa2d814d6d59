import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '@/lib/embedded';
import { Cluster, PrimaryClient } from '@/lib/postgres';
import { administer, testServerUrl } from '../../../support/postgres';

/** The shared server, and a host that is away. */
async function clusterOf() {
  const server = new URL(await testServerUrl());
  const { username, password, hostname, port } = server;
  const url = `postgresql://${username}:${password}@${hostname}:${port},127.0.0.1:${await freePort()}/postgres`;
  const { rows } = await administer(
    server.toString(),
    'select system_identifier::text as system from pg_control_system()',
  );
  const cluster = Cluster.of(url, false);
  assert.ok(cluster);
  return { url, cluster, port: Number(port), system: String(rows[0]?.system) };
}

test('a primary of an earlier timeline than another process has seen is refused, also by a process that starts now', async () => {
  const { url, cluster, system } = await clusterOf();
  Cluster.expect(url, { timeline: 99, system });
  await assert.rejects(cluster.find(1_500), {
    code: 'primary_unknown',
    message: /earlier timeline 1; the cluster is on 99/,
  });
});

test('what was seen of another cluster at the same addresses does not count', async () => {
  const { url, cluster, port, system } = await clusterOf();
  Cluster.expect(url, { timeline: 99, system: '1' });
  assert.equal((await cluster.find(10_000)).host.port, port);
  assert.deepEqual(cluster.seen, { timeline: 1, system });
});

test('every login of a cluster has what was seen of it', async () => {
  const { url, system } = await clusterOf();
  Cluster.expect(url, { timeline: 99, system });
  const other = Cluster.of(`${url}?application_name=other`, false);
  await assert.rejects(other?.find(1_500) ?? Promise.resolve(), { code: 'primary_unknown' });
});

test('a connection to a primary ends when another process has seen that it was replaced', async () => {
  const { url, system } = await clusterOf();
  const client = new PrimaryClient({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const ended = new Promise((resolve) => client.once('end', resolve));
  Cluster.expect(url, { timeline: 99, system });
  await ended;
});
