import { spinner } from '@clack/prompts';
import { CommanderError } from 'commander';
import { EXIT_CODES, MarqueeError } from '@/lib/failures';

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

/** Says what went wrong and what to do next. @returns the exit code */
export function fail(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { code, message, hint } =
    error instanceof MarqueeError
      ? error
      : {
          code: 'internal_error',
          message: error instanceof Error ? error.message : String(error),
          hint: undefined,
        };
  if (json) console.error(JSON.stringify({ error: { code, message, hint } }));
  else console.error(`Error: ${message} [${code}]${hint ? `\n  ${hint}` : ''}`);
  if (!(error instanceof MarqueeError) && process.env.MARQUEE_DEBUG) console.error(error);
  return EXIT_CODES[error instanceof MarqueeError ? error.category : 'internal'];
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
