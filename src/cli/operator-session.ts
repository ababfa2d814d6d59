// The operator who is signed in at the command line: a token in a file that only the system user may read.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Author } from '@/lib/application';
import { stateDirectory } from '@/lib/configuration';

/** Each system user signs in alone. */
function sessionFile(): string {
  return path.join(stateDirectory(), `operator-session-${process.getuid?.() ?? 'user'}`);
}

export async function storeToken(token: string): Promise<void> {
  const file = sessionFile();
  await mkdir(path.dirname(file), { recursive: true });
  // A new file: the mode of one that is there would stay as it is.
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, token, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @returns undefined where no operator has signed in */
export async function storedToken(): Promise<string | undefined> {
  const file = sessionFile();
  return existsSync(file) ? readFile(file, 'utf8') : undefined;
}

export async function forgetToken(): Promise<void> {
  await rm(sessionFile(), { force: true });
}

let operator: Author | undefined;

/** The operator whose session `authorize` has confirmed, with where they act. */
export function signedInOperator(): Author | undefined {
  return operator;
}

export function actAs(author: Author): void {
  operator = author;
}
