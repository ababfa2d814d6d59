// Tokens of signed URLs: they name who signed, and the attachment or the name to upload to. They are not logged.
import { z } from 'zod';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { type Caller, ofKey, ofUser } from '../rest/tenant-rest';
import { BUCKET } from './object-path';
import type { Attachment } from './objects';

const READ = 'storage-read';
const UPLOAD = 'storage-upload';
const UPLOAD_SECONDS = 2 * 60 * 60;
/** Lifetime of the token with which a signed URL acts as the user who signed it, seconds. */
const RECHECK_SECONDS = 60;

const Signer = z.union([
  z.object({ tenantId: z.string(), keyId: z.string() }),
  z.object({
    userId: z.string(),
    tenantId: z.string(),
    role: z.string(),
    tokenVersion: z.number(),
    sessionId: z.string().optional(),
  }),
]);
type Signer = z.infer<typeof Signer>;
const ReadData = z.object({ name: z.string(), by: Signer });
const UploadData = z.object({ name: z.string(), upsert: z.boolean(), by: Signer });

export class SignedUrls {
  constructor(private readonly parts: ServerDependencies) {}

  /**
   * An address, below that of the API, that hands out one attachment while its signer may read it.
   *
   * @param seconds from now; where a session signs, until that ends at the latest
   */
  async forRead(caller: Caller, name: string, { id }: Attachment, seconds: number): Promise<string> {
    const { sessionEnds } = caller;
    const left = sessionEnds ? Math.ceil((sessionEnds.getTime() - Date.now()) / 1000) : seconds;
    const data = { name, by: await this.#signerOf(caller) };
    const lifetime = Math.max(1, Math.min(seconds, left));
    const token = await this.parts.tokens.signPurposeToken(READ, id, data, lifetime);
    // The client encodes the address except for these, which would end the path. The token names the file.
    return `/object/sign/${BUCKET}/${addressed(name)}?token=${token}`;
  }

  /**
   * The signer of an address to read at, if they are still let in, and the attachment.
   *
   * @throws RequestError `signed_url_invalid`; IdentityError `not_signed_in`, `api_key_*`
   */
  async readable(token: string, name: string): Promise<{ caller: Caller; attachmentId: string }> {
    const { subject, data } = await this.#verify(token, READ);
    const read = ReadData.safeParse(data);
    if (!read.success) throw invalid('The token does not say who signed it.');
    if (addressed(read.data.name) !== addressed(name)) throw invalid('The token is for another object.');
    return { caller: await this.#recognize(read.data.by), attachmentId: subject };
  }

  /** An address, below that of the API, that takes one file, with its token. */
  async forUpload(caller: Caller, name: string, upsert: boolean): Promise<{ url: string; token: string }> {
    const data = { name, upsert, by: await this.#signerOf(caller) };
    const token = await this.parts.tokens.signPurposeToken(UPLOAD, caller.tenantId, data, UPLOAD_SECONDS);
    const path = name.split('/').map(encodeURIComponent).join('/');
    return { url: `/object/upload/sign/${BUCKET}/${path}?token=${token}`, token };
  }

  /**
   * The signer of an upload, if they may still upload.
   *
   * @throws RequestError `signed_url_invalid`; IdentityError `not_signed_in`, `api_key_*`
   */
  async uploadable(token: string, name: string): Promise<{ caller: Caller; upsert: boolean }> {
    const { data } = await this.#verify(token, UPLOAD);
    const { name: signed, upsert, by } = UploadData.parse(data);
    if (signed !== name) throw invalid('The token is for another object.');
    return { upsert, caller: await this.#recognize(by) };
  }

  async #signerOf({ tenantId, keyId, accessToken = '' }: Caller): Promise<Signer> {
    if (keyId) return { tenantId, keyId };
    return Signer.parse(await this.parts.tokens.verifyAccessToken(accessToken));
  }

  /** The key, or the user in their session, while it is valid. Use of a signed URL does not extend its signer's session. */
  async #recognize(by: Signer): Promise<Caller> {
    const { tokens, signIn } = this.parts;
    if ('keyId' in by) return ofKey(await signIn.keys.get(by.tenantId, by.keyId), this.parts);
    const token = await tokens.signAccessToken(by, RECHECK_SECONDS);
    return ofUser(token, this.parts, { unattended: true });
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
