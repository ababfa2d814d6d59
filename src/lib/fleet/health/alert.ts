// A change of state as an alert: one is open for a source while it is degraded or unhealthy.
import type pg from 'pg';
import { over, raiseCondition, resolveCondition, titled } from '@/lib/alerts';
import type { Finding } from './catalogue';
import { STALE_SECONDS, shown } from './read';
import type { Change } from './store';

const RULES = { degraded: 'source-degraded', unhealthy: 'source-unhealthy' } as const;

export async function alertOf(
  client: Pick<pg.ClientBase, 'query'>,
  { name, from, to, findings }: Change,
  channels: readonly string[],
): Promise<void> {
  if (from !== to && (from === 'degraded' || from === 'unhealthy'))
    await resolveCondition(client, { rule: RULES[from], cause: name }, over(`source_${to}`));
  if (to !== 'degraded' && to !== 'unhealthy') return;
  const all = findings.map(shown);
  const [first] = all;
  const title = first
    ? titled(`source_${to}`, { source: name, cause: first.cause, title: first.title })
    : titled(`source_${to}_alone`, { source: name });
  const lines = all.map((finding) => `${finding.title}. ${finding.evidence}`);
  const next = first ? [`Next step: ${first.nextStep}`] : [];
  await raiseCondition(
    client,
    { rule: RULES[to], cause: name, title, findings: [...lines, ...next] },
    channels,
  );
}

/**
 * Raises the alerts again of sources that are still degraded or unhealthy, each after an hour at the earliest, so that its reminders are
 * sent.
 */
export async function remindOfLasting(
  client: Pick<pg.ClientBase, 'query'>,
  channels: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ name: string; state: keyof typeof RULES; findings: Finding[] }>(
    `select s.name, h.state, h.findings from health_sources h join data_sources s on s.id = h.data_source_id
       join alerts a on a.rule = 'source-' || h.state and a.cause = s.name
     where s.status in ('active', 'draining') and h.probed_at > now() - make_interval(secs => ${STALE_SECONDS})
       and h.state in ('degraded', 'unhealthy') and a.acknowledged_at is null and a.last_seen_at < now() - interval '1 hour'`,
  );
  for (const { name, state, findings } of rows)
    await alertOf(client, { name, from: state, to: state, findings }, channels);
}
