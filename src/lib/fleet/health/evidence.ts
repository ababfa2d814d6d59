// What the probes saw of each finding, with numbers: the English message for each code. Web pages translate them by code.
import { messageFormatter } from '@/lib/failures';
import type { Finding } from './catalogue';

export const EVIDENCE = {
  round_trip: 'A round trip took {{ms}} ms.',
  connecting: 'Connecting took {{ms}} ms.',
  rest_request: 'A request took {{ms}} ms.',
  clock_behind: 'It is {{time}} behind.',
  clock_ahead: 'It is {{time}} ahead.',
  in_recovery: 'The server is in recovery: it is a standby.',
  reads_only: 'default_transaction_read_only is on for this login or database.',
  fixes_ended: 'PostgreSQL {{version}}; fixes for {{major}} ended {{day}}.',
  fixes_ended_long_ago: 'PostgreSQL {{version}}; fixes for {{major}} ended long ago.',
  connections_of_server: '{{free}} of {{most}} are left.',
  connections_of_login: '{{free}} of those that this login or database may open are left.',
  transaction: 'Process {{pid}} of {{user}} {{state}}: open for {{time}}.',
  hidden_transaction: 'Process {{pid}} of {{user}}: open for at least {{time}}.',
  prepared: '“{{id}}” of {{user}}: prepared {{time}} ago.',
  blocked: '{{count}} wait, the longest for {{time}}, for process {{blockers}}.',
  slot_lost: 'The slot {{slot}}.',
  slot_read: 'The slot {{slot}} retains {{size}} of WAL; it is being read.',
  slot_unread: 'The slot {{slot}} retains {{size}} of WAL; nothing reads it.',
  not_replayed: '{{size}} of WAL are not replayed there yet.',
  disk_used: '{{percent}} % are used.',
  dead_rows: '{{table}}: {{dead}} of {{rows}} rows ({{percent}} %), by the server’s estimate.',
  transaction_ids: 'The database {{database}}: {{millions}} million of 2,000 million.',
  archiving: '{{count}} attempts failed, the last with {{wal}}.',
  certificate: 'It is valid until {{time}} UTC.',
  http: 'HTTP {{status}}.',
  http_code: 'HTTP {{status}} ({{code}}).',
  connecting_late: 'Connecting: no answer in time.',
  connecting_failed: 'Connecting: {{fault}}',
  probe_late: 'The probe “{{probe}}”: no answer in time.',
  probe_failed: 'The probe “{{probe}}”: {{fault}}',
  rest_late: 'The REST API: no answer in time.',
  rest_failed: 'The REST API: {{fault}}',
  hosts: '{{hosts}}.',
  circuits: '{{circuits}}.',
  secret: '{{fault}}',
} as const satisfies Record<string, string>;
export type EvidenceCode = keyof typeof EVIDENCE;

const speak = messageFormatter<EvidenceCode>('evidence', EVIDENCE);

/** For a finding. */
export function seen(...what: Parameters<typeof speak>): Pick<Finding, 'evidence' | 'said'> {
  const { text: evidence, said } = speak(...what);
  return { evidence, said };
}
