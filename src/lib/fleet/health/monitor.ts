// Probes every data source periodically. Any number of processes take part; each source is probed by one of them at a time.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DataSourceCredentials, OperationsDatabase } from '@/lib/operations';
import { SecretError } from '@/lib/secrets';
import { pause } from '@/lib/time';
import { alertOf } from './alert';
import { seen } from './evidence';
import { Lateness } from './lateness';
import { probePostgres } from './postgres-round';
import { probeProject } from './project-round';
import { STALE_SECONDS } from './read';
import { noOutcome, type Round, type Target } from './round';
import {
  type Claimed,
  claim,
  enrol,
  type OpenCircuit,
  postpone,
  release,
  writeCircuits,
  writeRound,
} from './store';
import { DEFAULT_THRESHOLDS, readThresholds, type Thresholds } from './thresholds';

export interface HealthDependencies {
  operations: Pick<OperationsDatabase, 'dataSources'> & { pool: pg.Pool };
  /** Names of the channels that alerts are sent by. */
  channels: readonly string[];
  /** Circuit breakers of this process that are not closed. */
  circuits?: () => OpenCircuit[];
}

export interface MonitorOptions {
  /** Called with each problem that keeps the monitor from probing; it continues. */
  say?: (problem: string) => void;
  /** Called before and after the probes of each round; for tests. */
  onRound?: (name: string, phase: 'begins' | 'ends') => void;
}

/** How often to look for sources that are due, ms. Their rounds begin one after another until the next time. */
const TICK_MS = 200;
/** Rounds of this process at once. */
const CONCURRENCY = 32;
/** How often thresholds, new sources and circuit breakers are read and written, ms. */
const HOUSEKEEPING_MS = 2_000;
/** A fleet of more sources than these is probed less often, so that the operations database writes no more rows a second. */
const MOST_ROUNDS_A_SECOND = 100;
/** While this process is busy, only as many rounds begin as let each source have one in this time, ms: half of what makes it unknown. */
const BUSY_ROUND_MS = (STALE_SECONDS * 1000) / 2;

/** Starts probing. @returns stops, and leaves the sources to other processes at once */
export function startMonitor(parts: HealthDependencies, options: MonitorOptions = {}): () => Promise<void> {
  const monitor = new Monitor(parts, options);
  const running = monitor.run();
  return async () => {
    monitor.stop();
    await running;
  };
}

class Monitor {
  readonly #stopped = new AbortController();
  readonly #id = randomUUID();
  readonly #lateness = new Lateness();
  readonly #running = new Set<Promise<void>>();
  readonly #credentials = new Map<string, { version: number; read: DataSourceCredentials }>();
  #thresholdsOf: (id: string) => Thresholds = () => DEFAULT_THRESHOLDS;
  #sources = 0;
  #housekeptAt = Number.NEGATIVE_INFINITY;
  #wroteCircuits = true;
  #lastProblem = '';

  constructor(
    private readonly parts: HealthDependencies,
    private readonly options: MonitorOptions,
  ) {}

  stop(): void {
    this.#stopped.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped;
    const { pool } = this.parts.operations;
    while (!signal.aborted) {
      try {
        await this.#housekeep();
        const most = this.#mostRounds();
        const due = most > 0 ? await claim(pool, this.#id, most) : [];
        this.#lastProblem = '';
        // Evenly over the time until the next claim: all at once they would keep requests waiting.
        for (const claimed of due) {
          this.#begin(claimed);
          await pause(TICK_MS / due.length, { signal, ref: false });
          if (signal.aborted) break;
        }
        if (due.length > 0) continue;
      } catch (error) {
        // The pool may have been closed meanwhile.
        if (!signal.aborted) this.#say(`Health is not watched: ${messageOf(error)}`);
        await pause(1_000, { signal, ref: false });
      }
      await pause(TICK_MS, { signal, ref: false });
    }
    await Promise.all(this.#running);
    this.#lateness.close();
    await release(pool, this.#id).catch(() => {});
  }

  /** How many rounds may begin now. */
  #mostRounds(): number {
    const free = CONCURRENCY - this.#running.size;
    if (!this.#lateness.isBusy) return free;
    return Math.min(free, Math.ceil((this.#sources * TICK_MS) / BUSY_ROUND_MS));
  }

  async #housekeep(): Promise<void> {
    if (performance.now() - this.#housekeptAt < HOUSEKEEPING_MS) return;
    const { pool } = this.parts.operations;
    this.#thresholdsOf = await readThresholds(pool);
    this.#sources = await enrol(pool, MOST_ROUNDS_A_SECOND);
    const open = this.parts.circuits?.() ?? [];
    if (open.length > 0 || this.#wroteCircuits) await writeCircuits(pool, this.#id, open);
    this.#wroteCircuits = open.length > 0;
    this.#housekeptAt = performance.now();
  }

  #begin(claimed: Claimed): void {
    const working = this.#work(claimed)
      .catch((error: unknown) =>
        this.#say(`The health of ${claimed.name} is not recorded: ${messageOf(error)}`),
      )
      .finally(() => this.#running.delete(working));
    this.#running.add(working);
  }

  async #work(claimed: Claimed): Promise<void> {
    const { pool } = this.parts.operations;
    const thresholds = this.#thresholdsOf(claimed.id);
    this.options.onRound?.(claimed.name, 'begins');
    const begun = performance.now();
    const round = await this.#probe(claimed, thresholds);
    this.options.onRound?.(claimed.name, 'ends');
    if (this.#stopped.signal.aborted) return;
    if (this.#lateness.spoils(round, begun))
      return postpone(pool, claimed.id, this.#id, thresholds.confirm_after_ms);
    const everyMs = Math.max(thresholds.round_every_ms, (this.#sources * 1000) / MOST_ROUNDS_A_SECOND);
    await writeRound(pool, claimed, { round, thresholds, holder: this.#id, everyMs }, (client, change) =>
      alertOf(client, change, this.parts.channels),
    );
  }

  async #probe(claimed: Claimed, thresholds: Thresholds): Promise<Round> {
    const { name, engine, memory } = claimed;
    let credentials: DataSourceCredentials;
    try {
      credentials = await this.#credentialsOf(claimed);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      const finding = {
        cause: 'credentials_unreadable',
        level: 'unhealthy',
        ...seen('secret', { fault: error.message }),
      } as const;
      return { ...noOutcome(), memory, findings: [finding] };
    }
    const url = credentials.routerUrl ?? credentials.adminUrl ?? '';
    const { signal } = this.#stopped;
    const target: Target = { name, url, serviceKey: credentials.serviceKey, thresholds, memory, signal };
    return engine === 'supabase' ? probeProject(target) : probePostgres(target);
  }

  /** Decrypted once for each version of the registry's row: a round every few seconds must not ask a key provider each time. */
  async #credentialsOf({ id, version }: Claimed): Promise<DataSourceCredentials> {
    const known = this.#credentials.get(id);
    if (known?.version === version) return known.read;
    const read = await this.parts.operations.dataSources.credentials(id);
    this.#credentials.set(id, { version, read });
    return read;
  }

  /** Logs the same problem once. */
  #say(problem: string): void {
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.options.say?.(problem);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
