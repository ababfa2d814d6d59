// Uploads of the Storage API: in a form, or as the body with metadata in headers.
import { z } from 'zod';
import { receiveBody, receiveForm } from '../api/multipart';
import { RequestError } from '../errors';
import type { Upload } from './objects';

const Metadata = z.strictObject({ visibility: z.enum(['internal', 'client']).optional() });

/** `file.remove` it when the request is answered. @throws RequestError `request_malformed`, `body_too_large` */
export async function receiveUpload(request: Request): Promise<Upload> {
  const { headers } = request;
  if (/^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')) {
    const { fields, file, claimedType } = await receiveForm(request);
    try {
      refuseEncoding(fields.contentEncoding);
      return { file, claimedType, ...readMetadata(fields.metadata) };
    } catch (error) {
      await file.remove();
      throw error;
    }
  }
  refuseEncoding(headers.get('content-encoding') ?? undefined);
  const given = headers.get('x-metadata');
  const said = readMetadata(given === null ? undefined : Buffer.from(given, 'base64').toString());
  const claimedType = headers.get('content-type') ?? '';
  return { file: await receiveBody(request), claimedType, ...said };
}

function readMetadata(text: string | undefined): z.infer<typeof Metadata> {
  if (text === undefined) return {};
  try {
    return Metadata.parse(JSON.parse(text));
  } catch {
    throw new RequestError('request_malformed', 'Of metadata, only `visibility` is stored.', {
      hint: 'Send {"visibility": "internal"} or {"visibility": "client"}.',
    });
  }
}

/** Content encodings are refused: files are inspected, and sent as they were received. */
function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity') return;
  throw new RequestError('request_malformed', 'Files are not taken with a content encoding.', {
    hint: 'Send the file itself.',
  });
}
