// Tokens of signed URLs: they name the tenant, and the attachment or the name to upload to. They are not logged.
import { z } from 'zod';
import type { ServerParts } from '../context';
import { RequestError } from '../errors';
import { type Caller, ofKey, ofUser } from '../rest/tenant-rest';
import { BUCKET } from './object-path';
import type { Attachment } from './objects';

const READ = 'storage-read';
const UPLOAD = 'storage-upload';
const UPLOAD_SECONDS = 2 * 60 * 60;
/** How long the rights of an upload's signer are cached. */
const RECHECK_SECONDS = 60;

const ReadData = z.object({ tenantId: z.string(), name: z.string() });
const UploadData = z.object({
  name: z.string(),
  upsert: z.boolean(),
  by: z.union([
    z.object({ tenantId: z.string(), keyId: z.string() }),
    z.object({
      userId: z.string(),
      tenantId: z.string(),
      role: z.string(),
      tokenVersion: z.number(),
      sessionId: z.string().optional(),
    }),
  ]),
});

export class SignedUrls {
  constructor(private readonly parts: ServerParts) {}

  /**
   * An address, below that of the API, that hands out one attachment.
   *
   * @param seconds from now
   */
  async forRead(tenantId: string, name: string, { id }: Attachment, seconds: number): Promise<string> {
    const token = await this.parts.tokens.signPurposeToken(READ, id, { tenantId, name }, seconds);
    // The client encodes the address except for these, which would end the path. The token names the file.
    return `/object/sign/${BUCKET}/${addressed(name)}?token=${token}`;
  }

  /** @throws RequestError `signed_url_invalid`; SecretError `token_*` */
  async readable(token: string, name: string): Promise<{ tenantId: string; attachmentId: string }> {
    const { subject, data } = await this.#verify(token, READ);
    const signed = ReadData.parse(data);
    if (addressed(signed.name) !== addressed(name)) throw invalid('The token is for another object.');
    return { tenantId: signed.tenantId, attachmentId: subject };
  }

  /** An address, below that of the API, that takes one file, with its token. */
  async forUpload(caller: Caller, name: string, upsert: boolean): Promise<{ url: string; token: string }> {
    const by = caller.keyId
      ? { tenantId: caller.tenantId, keyId: caller.keyId }
      : await this.parts.tokens.verifyAccessToken(caller.accessToken ?? '');
    const data = { name, upsert, by };
    const token = await this.parts.tokens.signPurposeToken(UPLOAD, caller.tenantId, data, UPLOAD_SECONDS);
    const path = name.split('/').map(encodeURIComponent).join('/');
    return { url: `/object/upload/sign/${BUCKET}/${path}?token=${token}`, token };
  }

  /**
   * The signer of an upload, if they may still upload.
   *
   * @throws RequestError `signed_url_invalid`; IdentityError `not_signed_in`, `api_key_*`; SecretError `token_*`
   */
  async uploadable(token: string, name: string): Promise<{ caller: Caller; upsert: boolean }> {
    const { data } = await this.#verify(token, UPLOAD);
    const { name: signed, upsert, by } = UploadData.parse(data);
    if (signed !== name) throw invalid('The token is for another object.');
    const { tokens, signIn } = this.parts;
    if ('keyId' in by) {
      return { upsert, caller: await ofKey(await signIn.keys.get(by.tenantId, by.keyId), this.parts) };
    }
    return { upsert, caller: await ofUser(await tokens.signAccessToken(by, RECHECK_SECONDS), this.parts) };
  }

  async #verify(token: string, purpose: string) {
    try {
      return await this.parts.tokens.verifyPurposeToken(token, purpose);
    } catch (error) {
      throw invalid(error instanceof Error ? error.message : 'The token is not valid.');
    }
  }
}

const addressed = (name: string) => name.replace(/[?#%\\]/g, '_');

function invalid(message: string): RequestError {
  return new RequestError('signed_url_invalid', message, { hint: 'Sign a new URL.' });
}
