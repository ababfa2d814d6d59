// The health of data sources as it stands, for operators, and the little of it that a tenant's staff may see.
import type pg from 'pg';
import type { MessageDescriptor } from '@/lib/failures';
import { CAUSES, type CauseName, type Finding, feltLevel, worst } from './catalogue';
import type { State } from './state';

export interface SourceHealth {
  id: string;
  name: string;
  region: string | null;
  /** Status in the registry: sources that are neither active nor draining are not probed. */
  status: string;
  state: State;
  since: Date | null;
  /** When it was probed last. */
  probedAt: Date | null;
  /** The most telling first. */
  findings: ShownFinding[];
  /** Measures of the last round: times in ms (`_ms`) or s (`_s`), sizes in bytes, shares from 0 to 1. */
  measures: Record<string, number>;
  facts: Record<string, string>;
}

export interface ShownFinding extends Finding {
  title: string;
  nextStep: string;
}

/** A source that was not probed for so long is in an unknown state, s: several intervals, and what a killed process held. */
export const STALE_SECONDS = 60;

const STATE = `case when h.probed_at > now() - make_interval(secs => ${STALE_SECONDS}) then h.state else 'unknown' end`;

type Queryable = Pick<pg.ClientBase, 'query'>;

/** The worst first, then by name. @param idOrName of one source @param limit at most so many */
export async function readHealth(
  client: Queryable,
  idOrName?: string,
  limit?: number,
): Promise<SourceHealth[]> {
  const { rows } = await client.query<Omit<SourceHealth, 'findings'> & { findings: Finding[] }>(
    `select s.id, s.name, s.region, s.status, ${STATE} as state, h.since, h.probed_at "probedAt",
       coalesce(h.findings, '[]') as findings, coalesce(h.measures, '{}') as measures, coalesce(h.facts, '{}') as facts
     from data_sources s left join health_sources h on h.data_source_id = s.id
     where $1::text is null or s.name = $1 or s.id::text = $1
     order by array_position(array['unhealthy', 'degraded', 'unknown', 'healthy'], ${STATE}), s.name limit $2`,
    [idOrName, limit],
  );
  return rows.map((row) => ({ ...row, state: row.state ?? 'unknown', findings: row.findings.map(shown) }));
}

/** What lists of many sources show of each. */
export interface HealthSummary {
  id: string;
  name: string;
  state: State;
  /** The most telling finding. */
  first: ShownFinding | null;
  connectionsUsed: number | null;
  connectionsLeft: number | null;
  /** Of its database, of all clients. */
  transactionsPerSecond: number | null;
  /** How far its standbys lag at most, bytes of WAL. */
  lagBytes: number | null;
}

/** Every source's, with its first finding only and without facts: of 1,000 sources all are more than a megabyte. */
export async function readHealthSummaries(client: Queryable): Promise<HealthSummary[]> {
  const measure = (name: string) => `(h.measures ->> '${name}')::float8`;
  const { rows } = await client.query<Omit<HealthSummary, 'first'> & { first: Finding | null }>(
    `select s.id, s.name, coalesce(${STATE}, 'unknown') as state, h.findings -> 0 as first,
       ${measure('connections_used')} "connectionsUsed", ${measure('connections_left')} "connectionsLeft",
       ${measure('transactions_per_s')} "transactionsPerSecond", ${measure('standby_lag_bytes')} "lagBytes"
     from data_sources s left join health_sources h on h.data_source_id = s.id`,
  );
  return rows.map((row) => ({ ...row, first: row.first && shown(row.first) }));
}

/** A finding with the texts of its cause. */
export function shown(finding: Finding): ShownFinding {
  // A cause of a newer version of Marquee, which another process runs.
  const known = CAUSES[finding.cause] ?? { title: finding.cause, nextStep: 'See docs/health.md.' };
  return { ...finding, ...known };
}

export interface HealthChange {
  at: Date;
  from: State;
  to: State;
  cause: CauseName | null;
  title: string | null;
  evidence: string | null;
  /** The evidence as code and values. */
  said?: MessageDescriptor;
}

/** Changes of a source's state, the latest first. */
export async function readChanges(
  client: Queryable,
  dataSourceId: string,
  limit = 50,
): Promise<HealthChange[]> {
  const { rows } = await client.query<{ at: Date; from: State; to: State; findings: Finding[] }>(
    `select at, from_state "from", to_state "to", findings from health_changes where data_source_id = $1
     order by seq desc limit $2`,
    [dataSourceId, limit],
  );
  return rows.map(({ findings, ...change }) => {
    const [first] = findings.map(shown);
    return {
      ...change,
      cause: first?.cause ?? null,
      title: first?.title ?? null,
      evidence: first?.evidence ?? null,
      ...(first && { said: first.said }),
    };
  });
}

export interface HealthSample {
  at: Date;
  /** Rounds in it, and how many of them were not healthy. */
  rounds: number;
  degraded: number;
  unhealthy: number;
  cause: CauseName | null;
  measures: Record<string, { avg: number; max: number }>;
}

/** How long each resolution is kept, s, and how long its buckets are, s (0: single rounds). */
export const KEPT = [
  { seconds: 0, forSeconds: 86_400 },
  { seconds: 300, forSeconds: 7 * 86_400 },
  { seconds: 3_600, forSeconds: 90 * 86_400 },
] as const;

/** A source's history, oldest first, in the finest resolution that reaches back so far and has at most 2,100 rows. @param hours back from now */
export async function readSamples(
  client: Queryable,
  dataSourceId: string,
  hours: number,
): Promise<HealthSample[]> {
  const resolution = hours <= 6 ? 0 : hours <= 7 * 24 ? 300 : 3_600;
  const { rows } = await client.query<HealthSample & pg.QueryResultRow>(
    `select at, rounds, degraded, unhealthy, cause, measures from health_samples
     where data_source_id = $1 and seconds = $2 and at > now() - make_interval(secs => $3::float8 * 3600) order by at`,
    [dataSourceId, resolution, hours],
  );
  return rows;
}

/** What a tenant's staff may see of their database: no name, no cause, nothing of others; and only what users notice. */
export interface PublicHealth {
  state: State;
  /** Times of the last week in which it was not healthy, the latest first. `to` is null where it lasts. */
  incidents: { state: 'degraded' | 'unhealthy'; from: Date; to: Date | null }[];
}

/** @param dataSourceId null: all of them together, at their worst, without incidents */
export async function readPublicHealth(
  client: Queryable,
  dataSourceId: string | null,
): Promise<PublicHealth> {
  const { rows } = await client.query<{ state: State; findings: Finding[] }>(
    `select ${STATE} as state, h.findings from health_sources h join data_sources s on s.id = h.data_source_id
     where s.status in ('active', 'draining') and ($1::uuid is null or s.id = $1)`,
    [dataSourceId],
  );
  const known = rows.filter(({ state }) => state !== 'unknown');
  const state = known.length > 0 ? worst(known.map(({ findings }) => feltLevel(findings))) : 'unknown';
  return { state, incidents: dataSourceId === null ? [] : await readIncidents(client, dataSourceId) };
}

async function readIncidents(client: Queryable, dataSourceId: string): Promise<PublicHealth['incidents']> {
  const { rows } = await client.query<{ from: Date; to: Date | null; findings: Finding[] }>(
    `select at "from", ended "to", findings from (
       select at, findings, lead(at) over (order by seq) as ended from health_changes where data_source_id = $1) c
     where coalesce(ended, now()) > now() - interval '7 days' order by at desc limit 50`,
    [dataSourceId],
  );
  return rows.flatMap(({ findings, ...times }) => {
    const state = feltLevel(findings);
    return state === 'healthy' ? [] : [{ ...times, state }];
  });
}
