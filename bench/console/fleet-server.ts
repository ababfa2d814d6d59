// An instance as `npm start` makes it, with 10,000 tenants on 1,000 data sources. Each source has an address of its own on this
// machine, behind which is the database of `shared-1`: probes, pools and moves reach it there. Some do not answer. One machine is also the
// server of all sources here: probing 100 of them a second, as usual, keeps it busy with their side of it, so rounds are rarer.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openInstance } from '@/cli/instance';
import { setThreshold } from '@/lib/fleet/health';
import { pause } from '@/lib/time';
import { type RunningInstance, startInstance } from '../../test/e2e/instance';
import { fillFleet } from '../../test/support/fleet';

/** One of so many sources does not answer. */
const AWAY_EVERY = 40;
/** Below the minute after which a source's health is unknown. */
const ROUND_EVERY_MS = 50_000;
const FIRST_ROUNDS_MS = 180_000;

export class FleetServer {
  private constructor(
    readonly instance: RunningInstance,
    /** A session of the application database's owner. */
    readonly application: pg.Client,
    private readonly directory: string,
    private readonly relay: Server,
  ) {}

  static async start(size: { tenants: number; sources: number }): Promise<FleetServer> {
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-console-'));
    const instance = await startInstance(directory, { empty: true });
    process.env.MARQUEE_STATE_DIRECTORY = directory;
    const opened = await openInstance();
    const { databaseName: _, serverKey } = await opened.operations.dataSources.get('shared-1');
    const relay = await startRelay(Number(serverKey.split(':').at(-1)));
    const { port } = relay.address() as { port: number };
    const application = new pg.Client({ connectionString: opened.configuration.APPLICATION_DATABASE_URL });
    application.on('error', () => {});
    await application.connect();
    const serverOf = (at: number) => {
      const address = `127.1.${Math.floor(at / 250)}.${1 + (at % 250)}`;
      return at % AWAY_EVERY === AWAY_EVERY - 1 ? `${address}:9` : `${address}:${port}`;
    };
    await fillFleet(opened, application, { like: 'shared-1', ...size, serverOf });
    await application.query('vacuum analyze');
    await setThreshold(opened.operations.pool, null, 'round_every_ms', ROUND_EVERY_MS);
    await waitForFirstRounds(opened.operations.pool);
    await opened.close();
    return new FleetServer(instance, application, directory, relay);
  }

  async stop(): Promise<void> {
    await this.application.end();
    await this.instance.kill();
    this.relay.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Sources that do not answer are confirmed, too. */
async function waitForFirstRounds(pool: pg.Pool): Promise<void> {
  const until = performance.now() + FIRST_ROUNDS_MS;
  const isOver = async () => {
    const { rows } = await pool.query<{ waiting: number }>(
      "select count(*)::int as waiting from data_sources s left join health_sources h on h.data_source_id = s.id where s.status = 'active' and coalesce(h.state, 'unknown') = 'unknown'",
    );
    return rows[0]?.waiting === 0;
  };
  while (!(await isOver())) {
    if (performance.now() > until) throw new Error('Some data sources had no round of health probes.');
    await pause(500);
  }
}

/** Passes connections to any address of this machine on to its PostgreSQL. */
async function startRelay(port: number): Promise<Server> {
  const relay = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, '0.0.0.0', resolve));
  return relay;
}
