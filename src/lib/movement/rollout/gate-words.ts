// Why a gate of a rollout fails: the English message for each code. Web pages translate them by code.
import { messageFormatter, messageParser } from '@/lib/failures';

/** The messages by code. */
export const GATE_WORDS = {
  operator: 'The operator halted the rollout.',
  ended: 'The move was ended outside of the rollout.',
  pause: 'Statements waited {{waited}} ms; the limit is {{longest}} ms.',
  errors: '{{after}} of statements fail at the target, {{before}} did at the source.',
  latency: 'The 95th percentile is {{is}} ms at the target and was {{was}} ms at the source.',
  silent: 'The target does not answer.',
  connections: '{{percent}} % of the target’s connections are in use.',
  lag: 'Reverse replication or a standby lags {{size}} MiB behind the target.',
  rows: '{{count}} rows differ between source and target ({{tables}}).',
} as const satisfies Record<string, string>;
/** Code of the reason why a gate failed. */
export type GateWord = keyof typeof GATE_WORDS;

const speak = messageFormatter<GateWord>('gates', GATE_WORDS);
/** A gate's message as code and values; undefined if it is the message of an error. */
export const parseGate = messageParser('gates', GATE_WORDS);

export function gateText(...what: Parameters<typeof speak>): string {
  return speak(...what).text;
}
