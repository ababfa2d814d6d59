import { reportFindings, startWatching } from '@/lib/alerts';
import type { MailTransport } from '@/lib/crm/delivery/jobs';
import { alertChannels } from '../alert-channels';
import type { Instance } from '../instance';

export interface RunningAlerts {
  /** Names of the channels. */
  channels: string[];
  /** Raises an alert because the audit log is not what was written. */
  chainBroken(message: string): Promise<void>;
  stop(): Promise<void>;
}

/** Watches the audit log and sends alerts. Any number of processes do: each alert is raised once, and sent by one of them. */
export function startAlerts(
  instance: Instance,
  transport: MailTransport,
  say: (problem: string) => void,
): RunningAlerts {
  const parts = { ...instance, channels: alertChannels(instance, transport) };
  return {
    channels: parts.channels.map(({ name }) => name),
    chainBroken: (message) => reportFindings(parts, [{ message }]),
    stop: startWatching(parts, say),
  };
}
