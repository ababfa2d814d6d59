import type { Alert, AlertChannel } from '@/lib/alerts';

/** A channel that keeps what is sent. */
export function keepingChannel(name = 'kept'): AlertChannel & { sent: Alert[] } {
  const sent: Alert[] = [];
  return {
    ...{ name, sent },
    async send(alert) {
      sent.push(alert);
    },
  };
}
