import { AwsClient } from 'aws4fetch';
import { type FileStorage, StorageError } from './file-storage';

export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com/bucket`, or any S3-compatible service in the tenant's region. */
  bucketUrl: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Files in an S3-compatible bucket. Requests time out after 30 s. */
export function createS3Storage(options: S3Options): FileStorage {
  const client = new AwsClient({ ...options, service: 's3', retries: 3 });
  const bucket = options.bucketUrl.replace(/\/$/, '');
  const request = async (method: string, key: string, init: RequestInit = {}) => {
    const url = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    return answered(url, method, init);
  };
  const answered = async (url: string, method: string, init: RequestInit = {}) => {
    const response = await client
      .fetch(url, { ...init, method, signal: AbortSignal.timeout(30_000) })
      .catch((cause) => {
        throw new StorageError('storage_unreachable', 'The file storage does not answer.', {
          hint: 'Try again in a minute.',
          cause,
        });
      });
    if (response.ok || (method === 'DELETE' && response.status === 404)) return response;
    if (response.status === 404) throw new StorageError('file_missing', 'The file is no longer there.');
    throw new StorageError('storage_refused', `The file storage answered ${response.status}.`);
  };
  return {
    async put(key, content, mimeType) {
      const body = content instanceof Blob ? content : Buffer.from(content);
      await request('PUT', key, { body, headers: { 'content-type': mimeType } });
    },
    async get(key) {
      return new Uint8Array(await (await request('GET', key)).arrayBuffer());
    },
    async remove(key) {
      await request('DELETE', key);
    },
    async list(tenantId) {
      const keys: string[] = [];
      for (;;) {
        const query = new URLSearchParams({ 'list-type': '2', prefix: `${tenantId}/` });
        const last = keys.at(-1);
        if (last) query.set('start-after', last);
        const page = await (await answered(`${bucket}?${query}`, 'GET')).text();
        // Keys are made by Marquee: none has a character that XML escapes.
        keys.push(...[...page.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key));
        if (keys.at(-1) === last || !page.includes('<IsTruncated>true</IsTruncated>')) return keys;
      }
    },
  };
}
