import { createHash } from 'node:crypto';
import { SchemaRolloutError } from './errors';
import type { SchemaRolloutOptions } from './options';

export interface Wave {
  name: string;
  sources: string[];
}

/**
 * The canaries, then the others in an order that depends on the version: each time other databases come first. Without named canaries
 * the first of that order is one, so that a fault is found in one database before it is made in all.
 *
 * @param sources names
 * @throws SchemaRolloutError `schema_rollout_invalid`
 */
export function planWaves(
  sources: readonly string[],
  files: string,
  { canaries, percents }: Pick<SchemaRolloutOptions, 'canaries' | 'percents'>,
): Wave[] {
  const unknown = canaries.filter((name) => !sources.includes(name));
  if (unknown.length > 0) throw invalid(`Not among the data sources to migrate: ${unknown.join(', ')}.`);
  const grow = percents.every((percent, place) => percent > (percents[place - 1] ?? 0));
  if (!grow || percents.at(-1) !== 100) throw invalid('The percentages of the waves must grow, up to 100.');
  const digest = (name: string) => createHash('sha256').update(`${files}/${name}`).digest('hex');
  const others = sources
    .filter((name) => !canaries.includes(name))
    .map((name) => ({ name, digest: digest(name) }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const ordered = [...new Set(canaries), ...others.map(({ name }) => name)];
  const ends = percents.map((percent) => ({
    name: `${percent} %`,
    end: Math.ceil((ordered.length * percent) / 100),
  }));
  let begin = 0;
  return [{ name: 'canaries', end: new Set(canaries).size || 1 }, ...ends].flatMap(({ name, end }) => {
    const wave = { name, sources: ordered.slice(begin, end) };
    begin = Math.max(begin, end);
    return wave.sources.length > 0 ? [wave] : [];
  });
}

function invalid(message: string): SchemaRolloutError {
  return new SchemaRolloutError('schema_rollout_invalid', message, { hint: 'See: marquee migrate --help' });
}
