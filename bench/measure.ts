// How the benchmarks measure: contestants take turns in short rounds, so that what disturbs the machine disturbs all.

export interface Contestant {
  name: string;
  /** One request, start to end. */
  request(): Promise<unknown>;
}

export interface Measured {
  /** Median of the rounds, requests a second. */
  perSecond: number;
  rounds: number[];
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
const QUICKEST = { rounds: 1, roundMs: 50, warmUp: 0 };

/** Throughput of each contestant, measured in turns. */
export async function throughput(
  contestants: readonly Contestant[],
  options: MeasureOptions,
): Promise<Map<string, Measured>> {
  const { callers, rounds = 9, roundMs = 400, warmUp = 2 } = QUICK ? { ...options, ...QUICKEST } : options;
  const results = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each round starts at another contestant, so that none always follows the same one.
    const offset = (round + warmUp) % contestants.length;
    const order = [...contestants.slice(offset), ...contestants.slice(0, offset)];
    for (const contestant of order) {
      const perSecond = await oneRound(contestant, callers, roundMs);
      if (round >= 0) results.get(contestant.name)?.push(perSecond);
    }
  }
  return new Map([...results].map(([name, all]) => [name, { perSecond: median(all), rounds: all }]));
}

async function oneRound(contestant: Contestant, callers: number, roundMs: number): Promise<number> {
  let done = 0;
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
  return (done * 1000) / (performance.now() - started);
}

/** How many times as fast `one` is as `other`: the median of the rounds' own ratios. */
export function ratio(one: Measured | undefined, other: Measured | undefined): number {
  if (!one || !other) throw new Error('Nothing was measured for one side of a ratio.');
  return round3(median(one.rounds.map((value, index) => value / (other.rounds[index] ?? Number.NaN))));
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
