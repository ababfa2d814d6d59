// PostgREST's configuration file: `name = value` a line, groups in braces, `import "other file"`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RestError } from '../errors';

const BLANK = /(?:\s|#.*)*/y;
const NAME = /[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*/y;
const NUMBER = /[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy;
const STRING = /"((?:[^"\\]|\\.)*)"/suy;
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b' };
const MOST_IMPORTS = 16;

/**
 * Reads a configuration file. In a string `$(NAME)` stands for a setting above it or a variable of the environment, `$$`
 * for a dollar sign.
 *
 * @returns values as text, by name: `db-uri`, `app.settings.colour`
 * @throws RestError `rest_configuration_invalid` naming the file and the line, never a value
 */
export function readConfigurationFile(
  file: string,
  environment: NodeJS.ProcessEnv = {},
): Record<string, string> {
  const settings: Record<string, string> = {};
  new Reader(file, environment, settings, 0).directives('');
  return settings;
}

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(
    private readonly file: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly settings: Record<string, string>,
    private readonly depth: number,
  ) {
    try {
      this.#text = readFileSync(file, 'utf8');
    } catch (cause) {
      throw new RestError('rest_configuration_invalid', `The configuration file ${file} cannot be read.`, {
        hint: 'Check the path and who may read the file.',
        cause,
      });
    }
    if (depth > MOST_IMPORTS) this.#refuse('imports too many files');
  }

  /** Directives up to the end of the file or of the group whose names begin with `prefix`. */
  directives(prefix: string): void {
    for (;;) {
      this.#match(BLANK);
      if (this.#at === this.#text.length && prefix === '') return;
      if (prefix !== '' && this.#skip('}')) return;
      const name = this.#match(NAME)?.[0] ?? this.#refuse('has no name of a setting');
      this.#match(BLANK);
      if (this.#skip('=')) {
        this.#match(BLANK);
        this.settings[prefix + name] = this.#value();
      } else if (this.#skip('{')) this.directives(`${prefix}${name}.`);
      else if (name === 'import') this.#import(prefix);
      else this.#refuse('has no = after the name');
    }
  }

  #import(prefix: string): void {
    const imported: Record<string, string> = {};
    const file = path.resolve(path.dirname(this.file), this.#string() ?? this.#refuse('names no file'));
    new Reader(file, this.environment, imported, this.depth + 1).directives('');
    for (const [name, value] of Object.entries(imported)) this.settings[prefix + name] = value;
  }

  #value(): string {
    const string = this.#string();
    if (string !== undefined)
      return string.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (_, name) => this.#named(name));
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) return String(Number(number));
    const word = this.#match(NAME)?.[0];
    if (word === 'on' || word === 'true') return 'true';
    if (word === 'off' || word === 'false') return 'false';
    return this.#refuse('has neither a string, a number nor a truth value');
  }

  #named(name: string | undefined): string {
    if (name === undefined) return '$';
    return (
      this.settings[name] ?? this.environment[name] ?? this.#refuse(`names $(${name}), which is not set`)
    );
  }

  #string(): string | undefined {
    return this.#match(STRING)?.[1]?.replaceAll(
      /\\(?:u([0-9a-fA-F]{4})|(.))/gsu,
      (_all, code?: string, letter = '') =>
        code ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPES[letter] ?? letter),
    );
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #refuse(problem: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw new RestError('rest_configuration_invalid', `Line ${line} of ${this.file} ${problem}.`, {
      hint: 'Write name = "value", one a line; marquee rest --example prints a whole file.',
    });
  }
}
