// One round of probes of a Supabase project: one request to its REST API, which says what PostgREST and the gateway before it say.

import { ProjectConnection } from '@/lib/data-sources';
import type { CauseName, Level } from './catalogue';
import { seen } from './evidence';
import { connectFailure, noOutcome, type Round, type Target } from './round';

const ROWS = '/rest/v1/accounts?select=id&limit=0';

type Verdict = [cause: CauseName, level: Exclude<Level, 'healthy'>];

/** By PostgREST's code, then by status: https://docs.postgrest.org/en/stable/references/errors.html and Supabase's own 540 and 544. */
const BY_CODE: [code: RegExp, verdict: Verdict][] = [
  [/^(PGRST003|53300)$/, ['connections_exhausted', 'unhealthy']],
  [/^PGRST00[012]$/, ['server_unreachable', 'unhealthy']],
  [/^(PGRST205|42P01)$/, ['schema_missing', 'unhealthy']],
  [/^57014$/, ['query_not_answering', 'unhealthy']],
];
const BY_STATUS: [status: RegExp, verdict: Verdict][] = [
  [/^40[13]$/, ['sign_in_refused', 'unhealthy']],
  [/^404$/, ['schema_missing', 'unhealthy']],
  [/^429$/, ['rate_limited', 'degraded']],
  [/^540$/, ['project_paused', 'unhealthy']],
  [/^(504|544)$/, ['query_not_answering', 'unhealthy']],
  [/^5/, ['project_failing', 'unhealthy']],
  [/^4/, ['query_refused', 'unhealthy']],
];

/** Never throws: what goes wrong is a finding. */
export async function probeProject(target: Target): Promise<Round> {
  const { url, serviceKey, thresholds } = target;
  const round: Round = { ...noOutcome(), memory: {} };
  const key = serviceKey ?? '';
  const [started, sentAt] = [performance.now(), Date.now()];
  let connection: ProjectConnection | undefined;
  try {
    connection = new ProjectConnection(url);
    const limit = AbortSignal.timeout(thresholds.connect_deadline_ms + thresholds.query_deadline_ms);
    const response = await connection.fetch(ROWS, {
      headers: { apikey: key, authorization: `Bearer ${key}` },
      signal: AbortSignal.any([limit, target.signal]),
    });
    const body = (await response.json().catch(() => undefined)) as { code?: unknown } | undefined;
    const took = performance.now() - started;
    round.measures.round_trip_ms = took;
    round.facts.version = 'Supabase';
    if (!response.ok) {
      const code = typeof body?.code === 'string' ? body.code.slice(0, 20) : '';
      const [cause, level] = verdictOf(response.status, code);
      const evidence = code
        ? seen('http_code', { status: response.status, code })
        : seen('http', { status: response.status });
      round.findings.push({ cause, level, ...evidence });
    }
    if (took > thresholds.round_trip_slow_ms + thresholds.connect_slow_ms)
      round.findings.push({
        cause: 'slow',
        level: 'degraded',
        ...seen('rest_request', { ms: Math.round(took) }),
      });
    noteClock(round, response.headers.get('date'), sentAt + took / 2, target);
  } catch (error) {
    round.findings.push(connectFailure(error, 'rest'));
  } finally {
    await connection?.close();
  }
  return round;
}

function verdictOf(status: number, code: string): Verdict {
  const found =
    BY_CODE.find(([pattern]) => pattern.test(code)) ??
    BY_STATUS.find(([pattern]) => pattern.test(String(status)));
  return found?.[1] ?? ['project_failing', 'unhealthy'];
}

/** The header has whole seconds. */
function noteClock(round: Round, date: string | null, ours: number, { thresholds }: Target): void {
  const skew = date ? Date.parse(date) + 500 - ours : Number.NaN;
  if (Number.isNaN(skew)) return;
  round.measures.clock_skew_ms = skew;
  if (Math.abs(skew) <= thresholds.clock_skew_ms + 1_000) return;
  const time = `${Math.round(Math.abs(skew) / 1000)} s`;
  const evidence = seen(skew < 0 ? 'clock_behind' : 'clock_ahead', { time });
  round.findings.push({ cause: 'clock_skewed', level: 'degraded', ...evidence });
}
