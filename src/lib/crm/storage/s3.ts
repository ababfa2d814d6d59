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
  const request = async (method: string, key: string, init: RequestInit = {}) => {
    const url = `${options.bucketUrl.replace(/\/$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
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
  };
}
