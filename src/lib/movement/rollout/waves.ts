// Who moves when. The same tenants and the same target give the same plan, in every process and after every restart.
import { createHash } from 'node:crypto';
import { MovementError } from '../errors';

export interface PlannedWave {
  name: string;
  tenants: string[];
}

export interface WaveOptions {
  /** Tenants that go first, in this order. */
  samples: readonly string[];
  /** Percent of all tenants that have moved after each wave, growing, the last 100 unless the rest is to stay. */
  percents: readonly number[];
  /** Tenants of a wave that are between their move and its completion at a time; a larger wave is divided. */
  atOnce: number;
}

/**
 * The samples, then the others by a digest of target and tenant: each wave is a fair sample of large and small tenants, the same
 * tenants are not the first in every rollout, and a tenant that is added or leaves changes the place of no other.
 *
 * @throws MovementError `rollout_invalid`
 */
export function planWaves(tenants: readonly string[], toSource: string, options: WaveOptions): PlannedWave[] {
  const { samples, percents, atOnce } = options;
  const unknown = samples.filter((sample) => !tenants.includes(sample));
  if (unknown.length > 0) throw invalid(`Not in a data source that is left: ${unknown.join(', ')}.`);
  const grows = percents.every((percent, place) => percent > (percents[place - 1] ?? 0) && percent <= 100);
  if (!grows) throw invalid('Waves are percentages that grow, up to 100.');
  if (!(Number.isInteger(atOnce) && atOnce > 0)) throw invalid('At least one tenant has to move at once.');
  const digest = (tenant: string) => createHash('sha256').update(`${toSource}/${tenant}`).digest('hex');
  const others = tenants
    .filter((tenant) => !samples.includes(tenant))
    .map((tenant) => ({ tenant, digest: digest(tenant) }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map(({ tenant }) => tenant);
  const ordered = [...new Set(samples), ...others];
  const ends = percents.map((percent) => ({
    name: `${percent} %`,
    end: Math.ceil((ordered.length * percent) / 100),
  }));
  const waves: PlannedWave[] = [];
  let begin = 0;
  for (const { name, end } of [{ name: 'samples', end: new Set(samples).size }, ...ends]) {
    const parts = Math.ceil((end - begin) / atOnce);
    for (let part = 0; part < parts; part += 1) {
      waves.push({
        name: parts > 1 ? `${name} (${part + 1} of ${parts})` : name,
        tenants: ordered.slice(begin + part * atOnce, Math.min(end, begin + (part + 1) * atOnce)),
      });
    }
    begin = Math.max(begin, end);
  }
  return waves;
}

function invalid(message: string): MovementError {
  return new MovementError('rollout_invalid', message, { hint: 'See: marquee rollout start --help' });
}
