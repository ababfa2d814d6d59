// One round of probes of a PostgreSQL source on one new connection: whether it can be used, then all that is probed each time in one
// message, then what is probed less often. A new connection each time, because a server that refuses a password or has none left still
// serves the sessions it has.
import type pg from 'pg';
import { classify } from '@/lib/failures';
import { Cluster, PrimaryClient } from '@/lib/postgres';
import { withDeadline } from '@/lib/time';
import type { Finding } from './catalogue';
import { certificateOutcome } from './certificate';
import { seen } from './evidence';
import { PROBES, type Probe } from './postgres-probes';
import {
  add,
  connectFailure,
  type Memory,
  noOutcome,
  type Outcome,
  type Round,
  type Target,
  wordsOf,
} from './round';

/** Never throws: what goes wrong is a finding. */
export async function probePostgres(target: Target): Promise<Round> {
  const { memory, thresholds, url } = target;
  const round: Round = { ...noOutcome(), memory: { ...memory } };
  const started = performance.now();
  let client: pg.Client | undefined;
  try {
    client = await connect(target);
  } catch (error) {
    round.findings.push(connectFailure(error, 'connecting'));
    addCluster(round, url);
    return round;
  }
  // Destroying the socket ends whatever is awaited.
  const leave = () => client.connection.stream.destroy();
  target.signal.addEventListener('abort', leave);
  try {
    round.measures.connect_ms = performance.now() - started;
    if (round.measures.connect_ms > thresholds.connect_slow_ms)
      round.findings.push({
        cause: 'slow',
        level: 'degraded',
        ...seen('connecting', { ms: Math.round(round.measures.connect_ms) }),
      });
    add(round, certificateOutcome(client, thresholds));
    await runProbes(client, target, round);
  } finally {
    target.signal.removeEventListener('abort', leave);
    await close(client);
  }
  addCluster(round, url);
  return round;
}

async function connect({ url, thresholds, signal }: Target): Promise<pg.Client> {
  const ms = thresholds.connect_deadline_ms;
  const client = new PrimaryClient({
    connectionString: url,
    isTenantData: true,
    connectionTimeoutMillis: ms,
    application_name: 'marquee health',
  });
  client.on('error', () => {});
  const leave = () => client.connection.stream.destroy();
  signal.addEventListener('abort', leave);
  try {
    await withDeadline(client.connect(), ms, () => new Error('timeout expired'));
    return client;
  } catch (error) {
    leave();
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Ends the session politely; where the server does not react, by closing the socket. */
async function close(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), 1_000);
  await client.end().catch(() => {});
  clearTimeout(timer);
}

async function runProbes(client: pg.Client, target: Target, round: Round): Promise<void> {
  const now = Date.now();
  const kept: NonNullable<Memory['kept']> = {};
  for (const probes of STAGES) {
    const due = probes.filter((probe) => {
      const former = target.memory.kept?.[probe.name];
      const isDue = !former || probe.everyMs === 0 || now - former.at >= probe.everyMs || now < former.at;
      if (former && !isDue) {
        kept[probe.name] = former;
        add(round, former);
      }
      return isDue;
    });
    const together = due.length > 1 ? await runTogether(client, due, target, round.memory) : undefined;
    for (const outcome of together?.outcomes ?? []) add(round, outcome);
    let isUsable = together?.isUsable ?? true;
    // One by one where one of them fails, so that the others count.
    for (const probe of together ? [] : due) {
      const alone = await runProbe(client, probe, target, round.memory);
      add(round, alone.outcome);
      if (probe.everyMs > 0) kept[probe.name] = { ...alone.outcome, at: now };
      isUsable = alone.isUsable;
      if (!isUsable) break;
    }
    if (!isUsable) break;
  }
  round.memory.kept = { ...target.memory.kept, ...kept };
}

/** The first says whether the source can be used. Those of each round go together, the others one by one: they may take long. */
const STAGES: readonly (readonly Probe[])[] = [
  PROBES.filter(({ isVital }) => isVital),
  PROBES.filter(({ isVital, everyMs }) => !isVital && everyMs === 0),
  ...PROBES.filter(({ everyMs }) => everyMs > 0).map((probe) => [probe]),
];
/** Of deadlines of one: what is slower than this is late with each of them. */
const TOGETHER = 2;

/** Probes in one message, each with its own time limit at the server. @returns undefined where one of them fails and leaves the connection as it is */
async function runTogether(
  client: pg.Client,
  probes: readonly Probe[],
  { thresholds, url }: Target,
  memory: Memory,
): Promise<{ outcomes: Outcome[]; isUsable: boolean } | undefined> {
  const started = { at: performance.now(), clock: Date.now() };
  const ms = thresholds.query_deadline_ms;
  try {
    const texts = probes.map(({ text }) => text);
    const late = () => {
      client.connection.stream.destroy();
      return new Error('timeout expired');
    };
    const results = await withDeadline(readOnly(client, texts, ms), TOGETHER * ms + 250, late);
    const took = performance.now() - started.at;
    const context = { thresholds, memory, url, took, sentAt: started.clock };
    const outcomes = probes.map((probe, at) => probe.judge(results[at] ?? [], context));
    return { outcomes: await Promise.all(outcomes), isUsable: true };
  } catch (error) {
    if (isUsableAfter(error)) return undefined;
    const findings = probes.slice(0, 1).map((probe) => failureOf(probe, error));
    return { outcomes: [{ ...noOutcome(), findings }], isUsable: false };
  }
}

/** @returns also whether the connection can be used for the next probe */
async function runProbe(
  client: pg.Client,
  probe: Probe,
  { thresholds, url }: Target,
  memory: Memory,
): Promise<{ outcome: Outcome; isUsable: boolean }> {
  const ms = probe.everyMs > 0 ? thresholds.slow_query_deadline_ms : thresholds.query_deadline_ms;
  const started = { at: performance.now(), clock: Date.now() };
  try {
    const late = () => {
      client.connection.stream.destroy();
      return new Error('timeout expired');
    };
    // The server cancels it itself first, which leaves the connection as it is.
    const [rows = []] = await withDeadline(readOnly(client, [probe.text], ms), ms + 250, late);
    const took = performance.now() - started.at;
    const outcome = await probe.judge(rows, { thresholds, memory, url, took, sentAt: started.clock });
    return { outcome, isUsable: true };
  } catch (error) {
    const isUsable = isUsableAfter(error);
    if (classify(error).code === '42501')
      return { outcome: { ...noOutcome(), facts: { [`hidden ${probe.name}`]: 'yes' } }, isUsable };
    return { outcome: { ...noOutcome(), findings: [failureOf(probe, error)] }, isUsable };
  }
}

/** Whether the connection can be used for the next probe. */
function isUsableAfter(error: unknown): boolean {
  const { kind, session } = classify(error);
  return session === undefined && kind !== 'timeout';
}

function failureOf(probe: Probe, error: unknown): Finding {
  const fault = classify(error);
  const isLate = fault.kind === 'timeout' || fault.kind === 'cancelled';
  const evidence = isLate
    ? seen('probe_late', { probe: probe.name })
    : seen('probe_failed', { probe: probe.name, fault: wordsOf(fault) });
  if (fault.session !== undefined && !isLate) return connectFailure(error, 'probe', { probe: probe.name });
  if (!probe.isVital) return { cause: 'probe_incomplete', level: 'degraded', ...evidence };
  return { cause: isLate ? 'query_not_answering' : 'query_refused', level: 'unhealthy', ...evidence };
}

/** @returns the rows of each statement. @param ms at most for each of them */
async function readOnly(
  client: pg.Client,
  texts: readonly string[],
  ms: number,
): Promise<Record<string, unknown>[][]> {
  const before = [
    'begin read only',
    `set local statement_timeout = ${Math.round(ms)}`,
    'set local lock_timeout = 0',
  ];
  try {
    const results: unknown = await client.query([...before, ...texts, 'commit'].join('; '));
    return (results as pg.QueryResult<Record<string, unknown>>[])
      .slice(before.length, -1)
      .map(({ rows }) => rows);
  } catch (error) {
    if (classify(error).session === undefined) await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** What is known of the hosts of a cluster, in this process. */
function addCluster(round: Round, url: string): void {
  const cluster = Cluster.of(url, true);
  if (!cluster) return;
  const { primary, timeline } = cluster;
  const hosts = cluster.conditions();
  round.facts.hosts = hosts.map(({ host, condition }) => `${host} ${condition}`).join('; ');
  if (timeline > 0) round.measures.timeline = timeline;
  const bad = hosts.filter(({ isSound }) => !isSound);
  if (!primary || bad.length === 0) return;
  const evidence = seen('hosts', {
    hosts: bad.map(({ host, condition }) => `${host} ${condition}`).join('; '),
  });
  round.findings.push({ cause: 'standby_unreachable', level: 'degraded', ...evidence });
}
