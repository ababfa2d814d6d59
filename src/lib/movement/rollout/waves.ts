// Divides the tenants of a rollout into waves. The same tenants and target give the same plan in every process.
import { createHash } from 'node:crypto';
import { MovementError } from '../errors';

export interface PlannedWave {
  name: string;
  tenants: string[];
}

export interface WaveOptions {
  /** Tenants that move first, in this order. */
  samples: readonly string[];
  /** Percentage of all tenants that have moved after each wave, growing; the last is 100 unless some are to stay. */
  percents: readonly number[];
  /** Tenants between cut-over and completion at a time; larger waves are divided. */
  atOnce: number;
}

/**
 * The samples, then the others ordered by a digest of target and tenant id. So each wave is a fair sample of large and small tenants,
 * other tenants come first in each rollout, and adding or removing a tenant does not reorder the others.
 *
 * @throws MovementError `rollout_invalid`
 */
export function planWaves(tenants: readonly string[], toSource: string, options: WaveOptions): PlannedWave[] {
  const { samples, percents, atOnce } = options;
  const unknown = samples.filter((sample) => !tenants.includes(sample));
  if (unknown.length > 0)
    throw invalid(`These samples are in none of the data sources to leave: ${unknown.join(', ')}.`);
  const grows = percents.every((percent, place) => percent > (percents[place - 1] ?? 0) && percent <= 100);
  if (!grows) throw invalid('The percentages of the waves must grow, up to 100.');
  if (!(Number.isInteger(atOnce) && atOnce > 0))
    throw invalid('At least one tenant must be able to move at a time.');
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
