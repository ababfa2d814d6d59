// Passwords that others have used, and so are tried first. Checked without network, against a filter that is part of the program.
import { readFile } from 'node:fs/promises';
import { BloomFilter } from './bloom-filter';
import { IdentityError } from './errors';

/** Made by scripts/make-common-passwords.ts. */
export const FILTER_FILE = new URL('./common-passwords.bloom', import.meta.url);

/** Letters around a word that do not make it hard to guess. */
const AFFIX = 8;
/** Characters besides those of names that the attacker knows too. */
const SHORTEST_REST = 6;
const FEWEST_CHARACTERS = 5;
const SHORTEST_NAME = 4;
const LONGEST_BLOCK = 6;

const LEET: Record<string, string> = {
  ...{ '@': 'a', '4': 'a', '3': 'e', '1': 'i', '!': 'i', '0': 'o', $: 's', '5': 's', '7': 't' },
};

let loaded: Promise<BloomFilter> | undefined;

/** How a password is stored in the filter: in lower case; of words with digits around, the word. */
export function exactKey(password: string): string {
  return password.toLowerCase();
}

export function wordKey(word: string): string {
  return `word:${word}`;
}

/**
 * Refuses a password that is in lists of leaked passwords, is one of their words with a few digits or signs around, is made of
 * names that an attacker knows, or is a mere sequence or repetition.
 *
 * @param names of the user and their company, and the email address
 * @throws IdentityError `password_common`
 */
export async function refuseCommonPassword(password: string, names: readonly string[] = []): Promise<void> {
  if (!(isMonotonous(password) || consistsOfNames(password, names) || (await isListed(password)))) return;
  throw new IdentityError(
    'password_common',
    'This password is easy to guess: it is in lists of known passwords, or close to one.',
    {
      hint: 'Choose another one, such as four words that have nothing to do with each other.',
    },
  );
}

async function isListed(password: string): Promise<boolean> {
  loaded ??= readFile(FILTER_FILE).then((bits) => new BloomFilter(bits));
  const filter = await loaded;
  const text = exactKey(password);
  return filter.has(text) || wordsIn(text).some((word) => filter.has(wordKey(word)));
}

/** The word that is left without digits and signs at the ends, also where digits stand for letters: `P@ssw0rd2024!`. */
function wordsIn(text: string): string[] {
  const letters = (part: string) => [...part].map((one) => LEET[one] ?? one).join('');
  return [text.replace(/[^a-z]+$/, ''), text.replace(/^[^a-z]+|[^a-z]+$/g, '')]
    .filter((part) => text.length - part.length <= AFFIX)
    .map(letters)
    .filter((word) => /^[a-z]{5,}$/.test(word));
}

function consistsOfNames(password: string, names: readonly string[]): boolean {
  const parts = ['marquee', ...names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])]
    .map((name) => name.toLowerCase())
    .filter((name) => name.length >= SHORTEST_NAME)
    .sort((one, other) => other.length - one.length);
  const text = password.toLowerCase();
  const rest = parts.reduce((left, name) => left.replaceAll(name, ''), text);
  return rest !== text && rest.length < SHORTEST_REST;
}

/** `aaaaaaaaaa`, `abcabcabcabc`, `1234567890`. */
function isMonotonous(password: string): boolean {
  const characters = [...password.toLowerCase()];
  if (new Set(characters).size < FEWEST_CHARACTERS) return true;
  const block = /^(.+?)\1+$/su.exec(password.toLowerCase())?.[1];
  if (block !== undefined && block.length <= LONGEST_BLOCK) return true;
  const steps = characters
    .slice(1)
    .map((one, index) => (one.codePointAt(0) ?? 0) - (characters[index]?.codePointAt(0) ?? 0));
  return steps.filter((step) => Math.abs(step) === 1).length >= 0.8 * steps.length;
}
