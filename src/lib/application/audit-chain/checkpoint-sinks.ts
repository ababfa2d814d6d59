// Places outside the database where checkpoints are stored, since a login that can change the log cannot change them there.
import { hash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdir, open, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { ApplicationError } from '../errors';
import type { SignedCheckpoint } from './checkpoint-record';
import { splitNotes } from './signed-note';

/** Takes signed checkpoints. */
export interface CheckpointSink {
  name: string;
  deliver(checkpoint: SignedCheckpoint): Promise<void>;
}

export interface CheckpointBucket {
  /** `https://s3.eu-central-1.amazonaws.com/bucket`; object lock is enabled on the bucket. */
  bucketUrl: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** For how long an object cannot be deleted. */
  retainDays: number;
}

const TIMEOUT_MS = 10_000;

/** The notes of a file of checkpoints. @throws ApplicationError `audit_checkpoint_invalid` */
export async function readNotes(file: string): Promise<string[]> {
  return splitNotes(await readFile(file, 'utf8'));
}

/**
 * Writes a checkpoint to each place, also after one that does not take it.
 *
 * @returns their names
 * @throws ApplicationError `audit_checkpoint_undelivered` that names each place that did not take it; `audit_log_changed` where one of them shows that
 */
export async function deliverCheckpoint(
  sinks: readonly CheckpointSink[],
  signed: SignedCheckpoint,
): Promise<string[]> {
  const delivered: string[] = [];
  const failed: { name: string; error: Error }[] = [];
  for (const sink of sinks) {
    await sink.deliver(signed).then(
      () => delivered.push(sink.name),
      (error: Error) => failed.push({ name: sink.name, error }),
    );
  }
  if (failed.length === 0) return delivered;
  const changed = failed.some(
    ({ error }) => error instanceof ApplicationError && error.code === 'audit_log_changed',
  );
  const problems = failed.map(({ name, error }) => `It was not written to ${name}: ${error.message}`);
  const written = delivered.length > 0 ? [`It was written to ${delivered.join(', ')}.`] : [];
  throw new ApplicationError(
    changed ? 'audit_log_changed' : 'audit_checkpoint_undelivered',
    ['The checkpoint is in the log.', ...problems, ...written].join(' '),
    { cause: failed[0]?.error },
  );
}

/** Appends to a file, and has it written through to the disk. A checkpoint that is its last one already is not repeated. */
export function checkpointFile(file: string): CheckpointSink {
  return {
    name: file,
    async deliver({ note, checkpoint }) {
      await mkdir(path.dirname(path.resolve(file)), { recursive: true });
      const handle = await open(file, 'a+', 0o644);
      try {
        const { size } = await handle.stat();
        const length = Math.min(size, 4096);
        const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
        const last = buffer.toString().split('\n\n').slice(-2).join('\n\n');
        if (`${last.trim()}\n` === note) return;
        const lastSize = Number(last.split('\n').filter(Boolean)[1] ?? 0);
        if (lastSize > checkpoint.size) {
          throw new ApplicationError(
            'audit_log_changed',
            `The audit log has ${checkpoint.size} records, but ${file} has a checkpoint of ${lastSize}: its end was cut off.`,
            { hint: 'After restoring a backup, begin another file: AUDIT_CHECKPOINT_FILE.' },
          );
        }
        await handle.write(size > 0 ? `\n${note}` : note);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** Sends each checkpoint as a message of RFC 5424, its lines separated by ` | `. @param address `udp://host:514` or `tcp://host:601` */
export function checkpointSyslog(address: string): CheckpointSink {
  const { protocol, hostname: named, port } = new URL(address);
  // An IPv6 address is in brackets there.
  const host = named.replace(/^\[|\]$/g, '');
  return {
    name: address,
    async deliver({ note }) {
      // Facility 13 (log audit), severity notice.
      const head = `<${13 * 8 + 5}>1 ${new Date().toISOString()} ${hostname()} marquee ${process.pid} audit-checkpoint -`;
      const message = Buffer.from(`${head} ${note.trim().replaceAll('\n', ' | ')}`);
      await (protocol === 'udp:'
        ? sendDatagram(message, host, Number(port || 514))
        : sendFramed(message, host, Number(port || 601)));
    },
  };
}

function sendDatagram(message: Buffer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.send(message, port, host, (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Octet counting (RFC 6587). */
function sendFramed(message: Buffer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`${host}:${port} does not answer.`)));
    socket.once('error', reject);
    socket.end(Buffer.concat([Buffer.from(`${message.length} `), message]), () => resolve());
  });
}

/** Puts each checkpoint into a bucket under a retention that not even the account's owner can shorten. */
export function checkpointBucket({
  bucketUrl,
  retainDays,
  ...credentials
}: CheckpointBucket): CheckpointSink {
  const client = new AwsClient({ ...credentials, service: 's3', retries: 3 });
  return {
    name: bucketUrl,
    async deliver({ note, checkpoint }) {
      const key = `${checkpoint.origin.replaceAll(/[^\w./-]/g, '-')}/${String(checkpoint.size).padStart(19, '0')}.txt`;
      const response = await client.fetch(`${bucketUrl.replace(/\/$/, '')}/${key}`, {
        method: 'PUT',
        body: note,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'text/plain; charset=utf-8',
          // Object lock needs a checksum; the first object of a size stays the only one.
          'content-md5': hash('md5', note, 'base64'),
          'if-none-match': '*',
          'x-amz-object-lock-mode': 'COMPLIANCE',
          'x-amz-object-lock-retain-until-date': new Date(Date.now() + retainDays * 86_400_000).toISOString(),
        },
      });
      if (!response.ok && response.status !== 412) throw new Error(`The bucket answered ${response.status}.`);
    },
  };
}
