// A process that watches the audit log and sends by a webhook, for a test that kills it.

import { startWatching, webhookEvent } from '@/lib/alerts';
import { openApplicationDatabase } from '@/lib/application';
import { deliverWebhook } from '@/lib/crm/delivery/webhooks';
import { openOperationsDatabase } from '@/lib/operations';
import { testSecretBox } from '../application/application-database';

const [applicationUrl = '', operationsUrl = '', webhookUrl = '', secret = ''] = process.argv.slice(2);
const secretBox = testSecretBox();
const application = openApplicationDatabase({ url: applicationUrl, secretBox });
const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
const webhook = {
  name: 'webhook',
  send: (alert: Parameters<typeof webhookEvent>[0]) =>
    deliverWebhook({ url: webhookUrl, secret }, webhookEvent(alert), { allowPrivate: true }),
};
startWatching({ application, operations, channels: [webhook] }, console.error, 20);
setInterval(() => {}, 1000);
