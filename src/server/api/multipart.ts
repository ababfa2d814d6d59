// Receives an uploaded file, in a form (RFC 7578) or as the body. It is streamed to disk, and reading stops where it is too
// large.
import { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { MAX_FILE_BYTES, ReceivedFile } from '@/lib/crm/storage';
import { RequestError } from '../errors';

export interface ReceivedForm {
  fields: Record<string, string>;
  /** `remove` it when the request is answered. */
  file: ReceivedFile;
  fileName: string;
  /** What the sender says the file is. */
  claimedType: string;
}

/** Allowance for the parts of a multipart body around the file, bytes. */
const OVERHEAD = 64 * 1024;
const LIMITS = { files: 1, fields: 20, parts: 30, fieldSize: 10_000, fieldNameSize: 100, headerPairs: 20 };

/**
 * Refuses a request by its headers if it is not a form, or too large, before the body is read.
 *
 * @throws RequestError `request_malformed`, `body_too_large`
 */
export function expectForm({ headers }: Request): string {
  const type = headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    throw new RequestError('request_malformed', 'A file is sent as a form (multipart/form-data).');
  }
  refuseTooLarge(headers, MAX_FILE_BYTES + OVERHEAD);
  return type;
}

/** @throws RequestError `request_malformed`: not a form with exactly one file; `body_too_large` */
export async function receiveForm(request: Request): Promise<ReceivedForm> {
  const type = expectForm(request);
  const fields: Record<string, string> = {};
  const body = Readable.fromWeb((request.body ?? new Blob().stream()) as never);
  let received: Promise<Omit<ReceivedForm, 'fields'>> | undefined;
  let sent: Readable | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const form = new Busboy({
        headers: { 'content-type': type },
        limits: { ...LIMITS, fileSize: MAX_FILE_BYTES },
      });
      form.on('field', (name, value, _nameCut, valueCut) => {
        if (valueCut) reject(new RequestError('body_too_large', `The form’s “${name}” is too long.`));
        else fields[name] = value;
      });
      form.on('file', (_name, content, fileName, _encoding, claimedType) => {
        sent = content;
        received = ReceivedFile.receive(content).then((file) => ({ file, fileName, claimedType }));
        received.catch(reject);
        content.on('limit', () => reject(tooLarge()));
      });
      for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
        form.on(limit, () => reject(new RequestError('request_malformed', 'The form has too many parts.')));
      }
      form.on('finish', resolve);
      form.on('error', reject);
      body.on('error', reject);
      body.on('end', () => form.end());
      body.pipe(form);
    });
  } catch (error) {
    body.destroy();
    sent?.destroy();
    await received?.then(({ file }) => file.remove()).catch(() => {});
    if (error instanceof RequestError) throw error;
    throw new RequestError('request_malformed', 'The form cannot be read.', { cause: error });
  }
  if (!received) {
    throw new RequestError('request_malformed', 'The request is not as expected: file: is needed');
  }
  return { fields, ...(await received) };
}

/** A file that is the whole body. `remove` it when the request is answered. @throws RequestError `body_too_large` */
export async function receiveBody({ headers, body }: Request): Promise<ReceivedFile> {
  refuseTooLarge(headers, MAX_FILE_BYTES);
  return ReceivedFile.receive(limited(body ?? new Blob().stream()));
}

async function* limited(content: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > MAX_FILE_BYTES) throw tooLarge();
    yield chunk;
  }
}

function refuseTooLarge(headers: Headers, limit: number): void {
  if (Number(headers.get('content-length') ?? 0) > limit) throw tooLarge();
}

function tooLarge(): RequestError {
  return new RequestError('body_too_large', `The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.`);
}
