import { createHmac } from 'node:crypto';
import { secretSettings } from '@/lib/configuration';
import {
  createDiskStorage,
  createRegionalStorage,
  createS3Storage,
  type FileStorage,
} from '@/lib/crm/storage';
import { StartError } from '@/lib/failures';
import type { Services } from '@/server';
import type { Instance } from '../instance';

export interface ServiceOptions {
  /** Where attachments lie without a bucket. */
  filesDirectory: string;
  embedded: boolean;
  mail: NonNullable<Services['mail']>;
  accountMail: NonNullable<Services['accountMail']>;
}

/**
 * What the business API needs besides the data, from the configuration.
 *
 * @throws StartError `configuration_invalid`: a bucket without all of its variables
 */
export function openServices(
  instance: Instance,
  { filesDirectory, embedded, mail, accountMail }: ServiceOptions,
): Services {
  const { configuration, secretBox } = instance;
  const {
    PUBLIC_URL: publicUrl,
    MAIL_REPORT_SECRET: mailReportSecret,
    SMTP_URL: smtpUrl,
    ENCRYPTION_KEY: key = '',
  } = configuration;
  const testPayments = configuration.TEST_PAYMENTS ?? (embedded ? 'on' : 'off');
  return {
    secretBox,
    mail,
    accountMail,
    sendsMail: smtpUrl !== undefined,
    storage: openStorage(instance, filesDirectory),
    ...(publicUrl ? { publicUrl } : {}),
    ...(mailReportSecret ? { mailReportSecret } : {}),
    openedSecret: openedSecret(key),
    otherOpenedSecrets: secretSettings(configuration).otherEncryptionKeys.map(openedSecret),
    ...(testPayments === 'on'
      ? { testPaymentSecret: createHmac('sha256', key).update('test payments').digest('hex') }
      : {}),
    oauthClients: oauthClients(instance),
  };
}

function openedSecret(key: string): string {
  return createHmac('sha256', key).update('opened mail').digest('base64');
}

/** Without any bucket, files are stored on this machine; its region is the operator's responsibility. */
export function openStorage(instance: Instance, directory: string): FileStorage {
  const own = openOwnStorage(instance, directory);
  const { application, configuration } = instance;
  const { FILES_BUCKETS: buckets = [], FILES_REGION: ownRegion } = configuration;
  const byRegion = new Map(buckets.map((bucket) => [bucket.region, createS3Storage(bucket)]));
  if (ownRegion) byRegion.set(ownRegion, own);
  if (byRegion.size === 0) return own;
  return createRegionalStorage(byRegion, own, async (tenantId) => {
    const { dataSourceRegion, requiredRegion } = await application.tenants.get(tenantId);
    return { preferred: dataSourceRegion, required: requiredRegion };
  });
}

function openOwnStorage({ configuration }: Instance, directory: string): FileStorage {
  const given = {
    bucketUrl: configuration.FILES_BUCKET_URL,
    region: configuration.FILES_REGION,
    accessKeyId: configuration.FILES_ACCESS_KEY_ID,
    secretAccessKey: configuration.FILES_SECRET_ACCESS_KEY,
  };
  const { bucketUrl, region, accessKeyId, secretAccessKey } = given;
  if (bucketUrl && region && accessKeyId && secretAccessKey) {
    return createS3Storage({ bucketUrl, region, accessKeyId, secretAccessKey });
  }
  if (Object.values(given).every((value) => value === undefined)) return createDiskStorage(directory);
  throw new StartError('configuration_invalid', 'A bucket needs all four variables that begin with FILES_.', {
    hint: 'Set all of them, or none to keep files in a directory. See .env.example.',
  });
}

function oauthClients({ configuration }: Instance): Services['oauthClients'] {
  const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, QUICKBOOKS_CLIENT_ID, QUICKBOOKS_CLIENT_SECRET } =
    configuration;
  const registered = (clientId: string | undefined, clientSecret: string | undefined) =>
    clientId && clientSecret ? { clientId, clientSecret } : undefined;
  const google = registered(GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET);
  const quickbooks = registered(QUICKBOOKS_CLIENT_ID, QUICKBOOKS_CLIENT_SECRET);
  return { ...(google ? { google } : {}), ...(quickbooks ? { quickbooks } : {}) };
}
