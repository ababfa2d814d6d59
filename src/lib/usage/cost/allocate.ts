// A bill, divided among those who used what it is for: by published weights, and to the cent.

/** What a bill is divided by. */
export const METRICS = ['storage', 'query_time', 'connection_time', 'bytes', 'statements', 'rows'] as const;
/** What bills for other things than a data source are divided by. */
const SERVICE_METRICS = ['files', 'backups', 'mails', 'egress'] as const;
export type Metric = (typeof METRICS)[number] | (typeof SERVICE_METRICS)[number];

/** Points of each metric; what counts is their ratio. */
export type Weights = Partial<Record<Metric, number>>;
export type Quantities = Partial<Record<Metric, bigint>>;

/** What a part is attributed to: a tenant, the shared part, or capacity that was paid for and not used. */
export type Bearer = { kind: 'tenant'; tenantId: string } | { kind: 'shared' | 'idle' };

export interface Use {
  bearer: Bearer;
  quantities: Quantities;
}

export type Part = Bearer & {
  /** Minor units. */
  amount: bigint;
  /** Share of the bill, from 0 to 1. */
  share: number;
};

/** Shares are whole numbers of this part of a point. */
const SCALE = 10n ** 18n;

/**
 * Divides an amount. The points of a metric go to who used it, in proportion; those of a metric that nothing was used of are idle.
 *
 * @param amount minor units; negative for a credit
 * @param capacity what there was of a metric: what of it was not used is idle
 * @returns parts that sum to the amount exactly. Of the idle and the shared part there is one each, where it is not nothing
 */
export function allocate(
  amount: bigint,
  weights: Weights,
  uses: readonly Use[],
  capacity: Quantities = {},
): Part[] {
  const bearers: Bearer[] = [...uses.map(({ bearer }) => bearer), { kind: 'idle' }];
  const shares: bigint[] = bearers.map(() => 0n);
  const idle = bearers.length - 1;
  for (const [metric, weight] of Object.entries(weights) as [Metric, number][]) {
    const points = BigInt(Math.round(weight * 1000)) * SCALE;
    if (points <= 0n) continue;
    const used = uses.map(({ quantities }) => quantities[metric] ?? 0n);
    const sum = used.reduce((total, one) => total + one, 0n);
    const free = (capacity[metric] ?? 0n) > sum ? (capacity[metric] ?? 0n) - sum : 0n;
    const quantities = sum + free === 0n ? [...used, 1n] : [...used, free];
    for (const [index, part] of divide(points, quantities).entries())
      shares[index] = (shares[index] ?? 0n) + part;
  }
  // Without any weight that counts.
  const whole = shares.reduce((total, one) => total + one, 0n);
  if (whole === 0n) shares[idle] = 1n;
  const all = whole === 0n ? 1n : whole;
  return divide(amount, shares).flatMap((part, index): Part[] => {
    const share = shares[index] ?? 0n;
    const bearer = bearers[index];
    if (!bearer || (share === 0n && part === 0n)) return [];
    return [{ ...bearer, amount: part, share: Number((share * 10n ** 12n) / all) / 1e12 }];
  });
}

/**
 * Divides a whole amount in proportion to shares. What rounding down leaves goes, one unit each, to those with the largest
 * remainders; of equal ones to the first.
 *
 * @param shares not negative, and not all of them zero
 * @returns whole amounts that sum to `amount` exactly
 */
export function divide(amount: bigint, shares: readonly bigint[]): bigint[] {
  const all = shares.reduce((total, one) => total + one, 0n);
  const size = amount < 0n ? -amount : amount;
  const parts = shares.map((share) => (size * share) / all);
  let left = size - parts.reduce((total, one) => total + one, 0n);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: (size * share) % all }))
    .sort((one, other) =>
      one.remainder < other.remainder ? 1 : one.remainder > other.remainder ? -1 : one.index - other.index,
    );
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return amount < 0n ? parts.map((part) => -part) : parts;
}
