import { spinner } from '@clack/prompts';
import { type Command, CommanderError } from 'commander';
import { EXIT_CODES, MarqueeError, withoutCredentials } from '@/lib/failures';

/** Prints rows as aligned columns, or as one JSON document. */
export function printRows(
  rows: Record<string, unknown>[],
  json: boolean | undefined,
  none = 'Nothing to show.',
): void {
  if (json) {
    printJson(rows);
    return;
  }
  const [first] = rows;
  if (!first) {
    console.log(none);
    return;
  }
  const columns = Object.keys(first);
  const cells = rows.map((row) => columns.map((column) => text(row[column])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const line = (parts: string[]) =>
    parts
      .map((part, index) => part.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  console.log([line(columns), ...cells.map(line)].join('\n'));
}

/** Prints one thing as `name  value` lines, or as JSON. */
export function printRecord(record: Record<string, unknown>, json: boolean | undefined): void {
  if (json) {
    printJson(record);
    return;
  }
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  for (const [name, value] of Object.entries(record)) console.log(`${name.padEnd(width)}  ${text(value)}`);
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * Turns wrong usage of a command and its subcommands into an error for `fail`, without what was typed: it may be a URL with a password.
 *
 * @param json whether `fail` prints it; otherwise it is printed at once
 */
export function prepare(command: Command, json = false): void {
  const writeErr = json ? () => {} : (text: string) => process.stderr.write(withoutCredentials(text));
  command.exitOverride().configureOutput({ writeErr });
  for (const below of command.commands) prepare(below, json);
}

/**
 * Says what went wrong and what to do next.
 *
 * @param subject what it went wrong for, where a command does it for several
 * @returns the exit code
 */
export function fail(error: unknown, json: boolean | undefined, subject?: string): number {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0 && json) console.error(JSON.stringify({ error: wrongUsage(error) }));
    return error.exitCode === 0 ? 0 : 2;
  }
  const isOwn = error instanceof MarqueeError;
  const { code, hint } = isOwn ? error : { code: 'internal_error', hint: undefined };
  const said = withoutCredentials(error instanceof Error ? error.message : String(error));
  const message = subject === undefined ? said : `${subject}: ${said}`;
  if (json) console.error(JSON.stringify({ error: { code, message, hint } }));
  else console.error(`Error: ${message} [${code}]${hint ? `\n  ${hint}` : ''}`);
  if (!isOwn && process.env.MARQUEE_DEBUG) console.error(error);
  return EXIT_CODES[isOwn ? error.category : 'internal'];
}

/** Runs `work` for each. If there are several, a failure is printed at once and the others still run. */
export async function forEachNamed(
  names: readonly string[],
  json: boolean | undefined,
  work: (name: string) => Promise<void>,
): Promise<void> {
  for (const name of names) {
    await work(name).catch((error: unknown) => {
      if (names.length === 1) throw error;
      process.exitCode = fail(error, json, name);
    });
  }
}

function wrongUsage({ code, message }: CommanderError) {
  const said = code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');
  const hint = 'See the command’s --help.';
  return { code: 'option_invalid', message: withoutCredentials(said.trim()), hint };
}

/** Runs something that may take longer than two seconds, saying so on a terminal. Quiet with `--json` and in pipes. */
export async function withSpinner<T>(
  label: string,
  json: boolean | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (json || !process.stdout.isTTY) return work();
  const turning = spinner();
  turning.start(label);
  try {
    const result = await work();
    turning.stop(label);
    return result;
  } catch (error) {
    turning.error(label);
    throw error;
  }
}
