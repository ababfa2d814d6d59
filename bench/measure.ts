// How the benchmarks measure: contestants take turns in short rounds, so that what disturbs the machine disturbs all.
import { processorClock } from './processor-time';

export interface Contestant {
  name: string;
  /** One request, start to end. */
  request(): Promise<unknown>;
}

export interface Measured {
  /** Median of the rounds, requests a second. */
  perSecond: number;
  rounds: number[];
  /** Processor time of a request in each round, in all processes of the benchmark, microseconds; NaN where the system does not tell. */
  processorUs: number[];
}

export interface MeasureOptions {
  /** Callers at once. */
  callers: number;
  rounds?: number;
  roundMs?: number;
  /** Rounds before the first that counts. */
  warmUp?: number;
}

/** `--quick`: to see that a program runs; its values say little. */
export const QUICK = process.argv.includes('--quick');
/** The value of a flag such as `--only PATTERN`. */
export function flagValue(name: string): string | undefined {
  const place = process.argv.indexOf(name);
  return place < 0 ? undefined : process.argv[place + 1];
}

const QUICKEST = { rounds: 1, roundMs: 50, warmUp: 0 };

/** Throughput of each contestant, measured in turns. */
export async function throughput(
  contestants: readonly Contestant[],
  options: MeasureOptions,
): Promise<Map<string, Measured>> {
  const { callers, rounds = 9, roundMs = 400, warmUp = 2 } = QUICK ? { ...options, ...QUICKEST } : options;
  const results = new Map(contestants.map(({ name }) => [name, [] as Round[]]));
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each round starts at another contestant, so that none always follows the same one.
    const offset = (round + warmUp) % contestants.length;
    const order = [...contestants.slice(offset), ...contestants.slice(0, offset)];
    for (const contestant of order) {
      const measured = await oneRound(contestant, callers, roundMs);
      if (round >= 0) results.get(contestant.name)?.push(measured);
    }
  }
  return new Map(
    [...results].map(([name, all]) => {
      const rounds = all.map(({ perSecond }) => perSecond);
      return [
        name,
        { perSecond: median(rounds), rounds, processorUs: all.map((round) => round.processorUs) },
      ];
    }),
  );
}

interface Round {
  perSecond: number;
  processorUs: number;
}

async function oneRound(contestant: Contestant, callers: number, roundMs: number): Promise<Round> {
  let done = 0;
  const processors = processorClock();
  const before = processors();
  const started = performance.now();
  const until = started + roundMs;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        await contestant.request();
        done += 1;
      }
    }),
  );
  const perSecond = (done * 1000) / (performance.now() - started);
  return { perSecond, processorUs: (processors() - before) / done };
}

/** How many times as fast `one` is as `other`, in each round. */
export function ratios(one: Measured | undefined, other: Measured | undefined): number[] {
  if (!one || !other) throw new Error('Nothing was measured for one side of a ratio.');
  return one.rounds.map((value, index) => value / (other.rounds[index] ?? Number.NaN));
}

/** Processor time of a request with `other` relative to one with `one`, in each round: 1 where they cost the same, as with `ratios`. */
export function processorRatios(one: Measured | undefined, other: Measured | undefined): number[] {
  if (!one || !other) throw new Error('Nothing was measured for one side of a ratio.');
  return other.processorUs.map((value, index) => value / (one.processorUs[index] ?? Number.NaN));
}

/** How far values of several rounds lie apart: these machines are shared. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: round3(sorted[0] ?? 0), median: round3(median(sorted)), max: round3(sorted.at(-1) ?? 0) };
}

/** What a program answers with: its keys are its contract. `spread` has the rounds of each value that it names. */
export type BenchResult = Record<string, unknown> & { spread: Record<string, Spread> };

/** Values measured in rounds: the median of each under its name, and how far its rounds lie apart. */
export function ofRounds<Name extends string>(rounds: Record<Name, readonly number[]>) {
  const measured = Object.entries<readonly number[]>(rounds).map(
    ([name, values]) => [name, spreadOf(values)] as const,
  );
  return {
    ...(Object.fromEntries(measured.map(([name, { median }]) => [name, median])) as Record<Name, number>),
    spread: Object.fromEntries(measured) as Record<Name, Spread>,
  };
}

/** Cuts what was measured one after another into rounds of the same length, and takes the quantile of each. */
export function quantiles(values: readonly number[], share: number, rounds = 5): number[] {
  const cut = (round: number) => Math.round((round * values.length) / rounds);
  return Array.from({ length: rounds }, (_, n) => quantile(values.slice(cut(n), cut(n + 1)), share));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which this share of the values lies; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
