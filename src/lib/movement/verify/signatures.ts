// Signatures of certificates, by keys that are replaced from time to time: what a former key has signed stays valid.
import { createHmac, sign, verify } from 'node:crypto';
import type { SigningKeys } from '@/lib/operations';

const FORM = /^ed25519:([0-9a-f]{16}):([\w-]{86})$/;

export class Signatures {
  constructor(private readonly keys: Pick<SigningKeys, 'read'>) {}

  /** @returns `ed25519:<id of the key>:<signature>` */
  async sign(text: string): Promise<string> {
    const [{ id, privateKey }] = await this.keys.read('certificates');
    return `ed25519:${id}:${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
  }

  async isValid(text: string, signature: string): Promise<boolean> {
    const [, id, bytes = ''] = FORM.exec(signature) ?? [];
    const key = (await this.keys.read('certificates')).find((one) => one.id === id);
    return (
      key !== undefined && verify(null, Buffer.from(text), key.publicKey, Buffer.from(bytes, 'base64url'))
    );
  }

  /** What only this installation can say about a move, the same also after the key was replaced. */
  async secretOf({ id, createdAt }: { id: string; createdAt: Date }): Promise<string> {
    const keys = await this.keys.read('certificates');
    const { seed } = keys.find((key) => key.createdAt <= createdAt) ?? keys.at(-1) ?? keys[0];
    return createHmac('sha256', seed).update(`changes written by move ${id}`).digest('base64url');
  }
}
