import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { BackupError } from '../errors';
import type { BackupStore } from './store';

/** At most this many keys are removed by one request. */
const REMOVED_AT_ONCE = 1000;

/**
 * Backups in a bucket of S3 or a service that speaks its protocol.
 *
 * @param url `s3://bucket/prefix?region=eu-central-1&endpoint=https://…`; credentials come from the SDK's standard chain
 */
export function createS3Store(url: URL): BackupStore {
  const Bucket = url.hostname;
  const root = url.pathname.replace(/^\/|\/$/g, '');
  const keyOf = (key: string) => (root ? `${root}/${key}` : key);
  const [region, endpoint] = [url.searchParams.get('region'), url.searchParams.get('endpoint')];
  const client = new S3Client({
    ...(region ? { region } : {}),
    // Services other than Amazon's name the bucket in the path.
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const reached = <T>(request: Promise<T>): Promise<T> =>
    request.catch((cause: { name?: string }) => {
      if (cause instanceof BackupError || cause instanceof NoSuchKey) throw cause;
      throw new BackupError(
        'backup_store_unreachable',
        `The bucket ${Bucket} cannot be used (${cause.name ?? 'error'}).`,
        { cause },
      );
    });
  const list = async (prefix: string) => {
    const keys: string[] = [];
    for (let ContinuationToken: string | undefined; ; ) {
      const page = await reached(
        client.send(new ListObjectsV2Command({ Bucket, Prefix: keyOf(prefix), ContinuationToken })),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      ContinuationToken = page.NextContinuationToken;
      if (!ContinuationToken) return keys;
    }
  };
  return {
    url: url.href,
    region,
    async put(key, Body) {
      await reached(client.send(new PutObjectCommand({ Bucket, Key: keyOf(key), Body })));
    },
    async get(key) {
      try {
        const { Body } = await reached(client.send(new GetObjectCommand({ Bucket, Key: keyOf(key) })));
        return Body && Buffer.from(await reached(Body.transformToByteArray()));
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async list(prefix) {
      return (await list(prefix)).map((key) => key.slice(root ? root.length + 1 : 0)).sort();
    },
    async removeAll(prefix) {
      const keys = await list(`${prefix}/`);
      for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE) {
        const Objects = keys.slice(at, at + REMOVED_AT_ONCE).map((Key) => ({ Key }));
        const { Errors = [] } = await reached(
          client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } })),
        );
        // The request as a whole succeeds although single objects may not be removed, such as those under a lock.
        const [refused] = Errors;
        if (refused) {
          throw new BackupError(
            'backup_store_unreachable',
            `${Errors.length} objects in the bucket ${Bucket} cannot be removed (${refused.Code ?? 'error'}).`,
          );
        }
      }
    },
  };
}
