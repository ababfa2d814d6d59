// What tests of health share: an operations database, sources in it, and waiting for a state.
import {
  type HealthDependencies,
  readHealth,
  type SourceHealth,
  setThreshold,
  type ThresholdName,
} from '@/lib/fleet/health';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { administer } from '../../../support/postgres';
import { until } from '../../../support/until';

/** Rounds without pauses, so that a test needs not wait; deadlines that a busy machine keeps. */
export const QUICK: Partial<Record<ThresholdName, number>> = {
  ...{ round_every_ms: 100, confirm_after_ms: 20, connect_deadline_ms: 10_000, query_deadline_ms: 10_000 },
  ...{ connect_slow_ms: 60_000, round_trip_slow_ms: 60_000, clock_skew_ms: 600_000, connections_left: 0 },
};

export async function setAll(
  { pool }: Pick<OperationsDatabase, 'pool'>,
  id: string | null,
  values: Partial<Record<ThresholdName, number>>,
): Promise<void> {
  for (const [name, value] of Object.entries(values)) await setThreshold(pool, id, name, value);
}

/** Registers a database under a login that sees no more than any other. @param url a superuser's */
export async function registerSource(
  operations: HealthDependencies['operations'],
  name: string,
  url: string,
): Promise<DataSource & { loginUrl: string }> {
  const login = `health_${name}`;
  await administer(url, `create role ${login} login password 'right'`).catch(() => {});
  const loginUrl = Object.assign(new URL(url), { username: login, password: 'right' }).toString();
  const source = await operations.dataSources.create({
    name,
    kind: 'byod',
    adminUrl: loginUrl,
    routerUrl: loginUrl,
  });
  return { ...source, loginUrl };
}

/** The health of a source once a condition holds. @throws Error, with its health, where it does not come to that */
export async function healthOnce(
  { pool }: Pick<OperationsDatabase, 'pool'>,
  name: string,
  condition: (health: SourceHealth) => boolean,
): Promise<SourceHealth> {
  let last: SourceHealth | undefined;
  const look = async () => {
    [last] = await readHealth(pool, name);
    return last && condition(last) ? last : undefined;
  };
  return until(look, `the health of ${name}`).catch((cause: unknown) => {
    throw new Error(`It did not come to that: ${JSON.stringify(last)}`, { cause });
  });
}
