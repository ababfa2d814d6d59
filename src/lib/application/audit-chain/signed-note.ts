// Signed notes and checkpoints of transparency logs: c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
import { type KeyObject, sign, verify } from 'node:crypto';
import { ed25519Key, ed25519PublicKey } from '@/lib/secrets';
import { ApplicationError } from '../errors';
import { sha256 } from './hashes';

/** What a checkpoint says: the log had this many records, and these hashes. */
export interface Checkpoint {
  origin: string;
  size: bigint;
  /** The root of the Merkle tree over the leaf hashes. */
  root: Buffer;
  /** The chain hash of the last record. */
  chain: Buffer;
  madeAt: string;
  /** SHA-256 of the file to which these records were archived, hexadecimal. */
  archived?: string;
}

/** What verifies checkpoints. */
export interface CheckpointVerifier {
  name: string;
  /** `<name>+<key id>+<key>`, as other programs take it. */
  text: string;
  keyId: Buffer;
  publicKey: KeyObject;
}

export interface CheckpointSigner extends CheckpointVerifier {
  privateKey: KeyObject;
}

const ED25519 = 1;
/** A name of a key has no white space and no plus sign. */
const NAME = /^[^\s+]+$/u;

/**
 * The key that signs checkpoints.
 *
 * @param seed 32 bytes
 * @param name of the key, and origin of the checkpoints; default: one that follows from the key
 */
export function checkpointSigner(seed: Uint8Array, name?: string): CheckpointSigner {
  const { raw, privateKey } = ed25519Key(seed);
  return { ...verifierOf(name ?? `marquee-audit/${sha256(raw).toString('hex', 0, 4)}`, raw), privateKey };
}

/** @param text `<name>+<key id>+<key>` @throws ApplicationError `audit_key_invalid` */
export function readVerifier(text: string): CheckpointVerifier {
  const [, name = '', id, key = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(key, 'base64');
  if (bytes[0] === ED25519 && bytes.length === 33) {
    const verifier = verifierOf(name, bytes.subarray(1));
    if (verifier.keyId.toString('hex') === id) return verifier;
  }
  throw new ApplicationError('audit_key_invalid', 'This is not a key that verifies checkpoints.', {
    hint: 'Print the key with: marquee audit key',
  });
}

function verifierOf(name: string, raw: Buffer): CheckpointVerifier {
  if (!NAME.test(name)) {
    throw new ApplicationError('audit_key_invalid', 'The name of the key has white space or a plus sign.', {
      hint: 'Set AUDIT_CHECKPOINT_ORIGIN to a name such as crm.example.com/audit.',
    });
  }
  const typed = Buffer.concat([Buffer.of(ED25519), raw]);
  const keyId = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).subarray(0, 4);
  const publicKey = ed25519PublicKey(raw);
  return { name, keyId, publicKey, text: `${name}+${keyId.toString('hex')}+${typed.toString('base64')}` };
}

/** @returns the signed note */
export function signCheckpoint(checkpoint: Omit<Checkpoint, 'origin'>, signer: CheckpointSigner): string {
  const { size, root, chain, madeAt, archived } = checkpoint;
  const text = `${[
    ...[signer.name, size, root.toString('base64')],
    ...[`chain ${chain.toString('base64')}`, `time ${madeAt}`],
    ...(archived ? [`archived ${archived}`] : []),
  ].join('\n')}\n`;
  const signature = Buffer.concat([signer.keyId, sign(null, Buffer.from(text), signer.privateKey)]);
  return `${text}\n— ${signer.name} ${signature.toString('base64')}\n`;
}

/**
 * Reads a signed note that one of the keys has signed.
 *
 * @throws ApplicationError `audit_checkpoint_invalid`
 */
export function openCheckpoint(note: string, verifiers: readonly CheckpointVerifier[]): Checkpoint {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const signatures = note.slice(end + 2);
  if (end < 0 || !/^(— \S+ \S+\n)+$/u.test(signatures)) throw invalid('is no signed note');
  const signed = signatures.split('\n').some((line) => {
    const [, name, base64 = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    return verifiers.some(
      (verifier) =>
        verifier.name === name &&
        verifier.keyId.equals(bytes.subarray(0, 4)) &&
        verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(4)),
    );
  });
  if (!signed) throw invalid('has no signature of a known key');
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n');
  const extension = (name: string) =>
    extensions.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const checkpoint = {
    ...{ origin, size: /^(0|[1-9]\d{0,18})$/.test(size) ? BigInt(size) : -1n },
    ...{ root: Buffer.from(root, 'base64'), chain: Buffer.from(extension('chain'), 'base64') },
    madeAt: extension('time'),
    ...(extension('archived') ? { archived: extension('archived') } : {}),
  };
  if (checkpoint.size < 0n || checkpoint.root.length !== 32 || checkpoint.chain.length !== 32) {
    throw invalid('says no tree size, root and chain hash');
  }
  return checkpoint;
}

/**
 * The signed notes of a file: each ends with its signatures and an empty line.
 *
 * @throws ApplicationError `audit_checkpoint_invalid` where there is other text in it
 */
export function splitNotes(text: string): string[] {
  const NOTE = /(?:^(?!— ).+\n)+\n(?:^— .+\n)+/gmu;
  const whole = `${text.replaceAll('\r\n', '\n')}\n`;
  if (whole.replace(NOTE, '').trim() !== '') throw invalid('file holds text that is no signed note');
  return [...whole.matchAll(NOTE)].map(([note]) => note);
}

function invalid(why: string): ApplicationError {
  return new ApplicationError('audit_checkpoint_invalid', `The checkpoint ${why}.`, {
    hint: 'Give the key that signed it: --key (marquee audit key prints those of an installation).',
  });
}
