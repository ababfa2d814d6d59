import { type AlertChannel, alertText, messageIdOf, titleOfAlert, webhookEvent } from '@/lib/alerts';
import type { ApplicationDatabase } from '@/lib/application';
import type { Configuration } from '@/lib/configuration';
import { createSmtpTransport, type MailTransport, renderMail } from '@/lib/crm/delivery/jobs';
import { deliverWebhook } from '@/lib/crm/delivery/webhooks';
import { escapeHtml } from '@/lib/crm/templates';

interface ChannelDependencies {
  application: Pick<ApplicationDatabase, 'users'>;
  configuration: Configuration;
}

/**
 * Where alerts go: the log always, a signed webhook where ALERT_WEBHOOK_URL is set, mail to ALERT_MAIL_TO or else to the
 * operators.
 *
 * @param transport without it no mail is sent
 */
export function alertChannels(
  { application, configuration }: ChannelDependencies,
  transport: MailTransport | undefined,
): AlertChannel[] {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = configuration;
  return [
    logChannel(),
    ...(url && secret ? [webhookChannel(url, secret)] : []),
    ...(transport ? [mailChannel(transport, application, configuration)] : []),
  ];
}

/** Does something with the channels of a command, which sends mail only where SMTP_URL is set. */
export async function withChannels<T>(
  parts: ChannelDependencies,
  work: (channels: AlertChannel[]) => Promise<T>,
): Promise<T> {
  const { SMTP_URL } = parts.configuration;
  const transport = SMTP_URL ? createSmtpTransport(SMTP_URL) : undefined;
  try {
    return await work(alertChannels(parts, transport));
  } finally {
    transport?.close();
  }
}

/** A line of JSON on standard error, as the server logs. */
function logChannel(): AlertChannel {
  return {
    name: 'log',
    async send(alert) {
      const { id, rule, severity, occurrences, detail } = alert;
      const msg = `Alert: ${titleOfAlert(alert)}`;
      const line = { level: severity === 'notice' ? 40 : 50, time: Date.now(), msg };
      const { actor, address, action, entityId } = detail;
      console.error(
        JSON.stringify({
          ...line,
          alert: { id, rule, severity, occurrences, actor, address, action, entityId },
        }),
      );
    },
  };
}

/** As Standard Webhooks describes. The operator's own environment names the address: it may be inside the operator's network. */
function webhookChannel(url: string, secret: string): AlertChannel {
  return {
    name: 'webhook',
    send: (alert) => deliverWebhook({ url, secret }, webhookEvent(alert), { allowPrivate: true }),
  };
}

function mailChannel(
  transport: MailTransport,
  { users }: ChannelDependencies['application'],
  { ALERT_MAIL_TO, MAIL_FROM }: Configuration,
): AlertChannel {
  return {
    name: 'mail',
    async send(alert) {
      const recipients = ALERT_MAIL_TO ?? (await addressesOfOperators(users));
      if (recipients.length === 0)
        throw new Error('No one gets it: there are no operators. Add one, or set ALERT_MAIL_TO.');
      const [title = '', ...lines] = alertText(alert);
      const subject = `Alert (${alert.severity}): ${title}`.slice(0, 200);
      const bodyHtml = [title, ...lines].map((line) => `<p>${escapeHtml(line)}</p>`).join('');
      const look = { companyName: 'Marquee', primaryColor: '#3b5bdb', footer: 'Marquee', language: 'en' };
      await transport.send({
        ...{ from: `"Marquee" <${MAIL_FROM}>`, to: recipients.join(', '), subject },
        ...renderMail({ subject, bodyHtml }, look),
        // Equal for each attempt, so that mail programs show a repeated mail once.
        messageId: `alert-${messageIdOf(alert)}-${alert.occurrences}@${MAIL_FROM.split('@')[1]}`,
      });
    },
  };
}

async function addressesOfOperators(users: ApplicationDatabase['users']): Promise<string[]> {
  return (await users.list(null)).filter(({ status }) => status === 'active').map(({ email }) => email);
}
