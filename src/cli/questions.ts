import { createInterface, type Interface } from 'node:readline/promises';
import { isCancel, password, text } from '@clack/prompts';
import { CommandError } from './errors';

/** Asks a person at a terminal; elsewhere reads one line of standard input for each question. */
export class Questions {
  readonly #input: Interface | undefined;
  readonly #lines: AsyncIterator<string> | undefined;

  constructor() {
    this.#input = process.stdin.isTTY ? undefined : createInterface({ input: process.stdin });
    this.#lines = this.#input?.[Symbol.asyncIterator]();
  }

  /** Standard input that is still open would keep the process. */
  close(): void {
    this.#input?.close();
    process.stdin.unref();
  }

  /** @throws CommandError `confirmation_missing` where there is no answer */
  async ask(message: string, { secret = false }: { secret?: boolean } = {}): Promise<string> {
    const answer = this.#lines
      ? (await this.#lines.next()).value
      : await (secret ? password : text)({ message, output: process.stderr });
    if (typeof answer === 'string' && !isCancel(answer)) return answer.trim();
    throw new CommandError('confirmation_missing', `There was no answer to: ${message}`, {
      hint: 'Run the command at a terminal, or give each answer as a line of standard input.',
    });
  }

  /** To standard error: standard output has the command’s result. */
  explain(lines: string): void {
    console.error(lines);
  }
}
