// Options of commands that take the URL of a database, and what they mean.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { UrlRules } from '@/lib/data-sources';
import { CommandError } from '../errors';

export interface UrlOptions {
  urlFile?: string;
  tls?: string;
  caFile?: string;
  allowNetwork?: string[];
}

const MODES = ['verify-full', 'verify-ca', 'no-verify', 'disable'] as const;

/** @param whose e.g. `the owner’s URL` */
export function withUrlOptions(command: Command, whose: string): Command {
  return command
    .option(
      '--url-file <file>',
      `file with ${whose}; - or nothing reads standard input (so that it is in no history)`,
    )
    .option(
      '--tls <mode>',
      'how the server is made sure of: verify-full, verify-ca, no-verify (encrypted, with anyone) or disable (default: verify-full; nothing on this machine)',
    )
    .option('--ca-file <file>', 'authorities of the server’s certificate, in PEM, instead of the system’s')
    .option(
      '--allow-network <cidr...>',
      'let a customer’s URL lead into these private networks, e.g. 10.20.0.0/16',
    );
}

/** @throws CommandError `option_invalid`, `file_unreadable` */
export async function rulesFrom({ tls, caFile, allowNetwork }: UrlOptions): Promise<UrlRules> {
  const mode = MODES.find((one) => one === tls);
  if (tls !== undefined && !mode) {
    throw new CommandError('option_invalid', `“${tls}” is not a mode of TLS.`, {
      hint: `Use ${MODES.join(', ')}.`,
    });
  }
  return {
    ...(mode ? { tls: mode } : {}),
    ...(caFile === undefined ? {} : { ca: await readText(caFile) }),
    ...(allowNetwork ? { networks: allowNetwork } : {}),
  };
}

/** The first line of a file, or of standard input. @throws CommandError `file_unreadable` */
export async function readUrl(file: string | undefined): Promise<string> {
  if (file && file !== '-') return (await readText(file)).trim();
  if (process.stdin.isTTY) console.error('The owner’s PostgreSQL URL, then Ctrl-D:');
  return (await text(process.stdin)).trim();
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandError('file_unreadable', `The file ${file} cannot be read.`, {
      hint: 'Check its name and who may read it.',
      cause,
    });
  });
}
