// Writes docs/reference/errors.md from the catalogues of codes; with --check only says whether it is current.
import { glob, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { declaredFailures, EXIT_CODES, type FailureDefinition, HTTP } from '@/lib/failures';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs/reference/errors.md');

/** Loads every file that declares codes, so that `declaredFailures` has them all. */
export async function loadFailures(): Promise<ReturnType<typeof declaredFailures>> {
  for await (const file of glob('src/{lib,server,cli}/**/*.ts', { cwd: root })) {
    const source = await readFile(path.join(root, file), 'utf8');
    if (/= declareFailures\(/.test(source)) await load(file);
  }
  return declaredFailures();
}

/** Paths that a bundler of the tests can read: a module that it does not see would be loaded a second time. */
function load(file: string): Promise<unknown> {
  const [, room, name] = /^src\/(\w+)\/(.*)\.ts$/.exec(file) ?? [];
  if (room === 'server') return import(`../src/server/${name}.ts`);
  return room === 'cli' ? import(`../src/cli/${name}.ts`) : import(`../src/lib/${name}.ts`);
}

if (process.argv[1] === import.meta.filename) {
  const text = reference(await loadFailures());
  const current = await readFile(page, 'utf8').catch(() => '');
  if (process.argv.includes('--check')) {
    if (current !== text) {
      console.error('docs/reference/errors.md is not current: run npx tsx scripts/errors-reference.ts');
      process.exit(1);
    }
  } else await writeFile(page, text);
}

function reference(failures: ReturnType<typeof declaredFailures>): string {
  const rooms = Map.groupBy(failures, ([, { room }]) => room);
  const sections = [...rooms].sort(([one], [other]) => one.localeCompare(other)).map(section);
  return `# Errors

<!-- Made from the code by scripts/errors-reference.ts; edit the catalogues (\`declareFailures\`) instead. -->

Every error has a stable \`code\`, a \`category\`, a message and a hint. Match on the code, never on the message. The same code
comes from a library call (\`error.code\`), in the body of \`/rest/v1\`, \`/api\` and \`/storage/v1\` answers, and from the command
line with \`--json\`. \`/auth/v1\` and \`/storage/v1\` translate some into Supabase’s codes; errors of PostgREST’s grammar and of
PostgreSQL keep PostgREST’s codes (\`PGRST…\`) and SQLSTATEs. Errors marked “operator” show end users a plainer message.
Over HTTP an error of category internal is \`internal_error\`, with the request’s id; the log has the cause.

| category | HTTP status | Retry-After, s | exit code |
| --- | --- | --- | --- |
${Object.entries(HTTP)
  .map(([category, { status, retryAfter = '' }]) =>
    row([category, status, retryAfter, EXIT_CODES[category as keyof typeof HTTP]]),
  )
  .join('\n')}

${sections.join('\n\n')}
`;
}

function section([room, failures]: [string, [string, FailureDefinition][]]): string {
  const rows = failures
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([code, { category, status = HTTP[category].status, audience, means, hint = '' }]) =>
      row([`\`${code}\``, category, status, audience === 'operator' ? 'operator' : '', means, hint]),
    );
  const head = ['code', 'category', 'HTTP', 'audience', 'when', 'what to do'];
  return [`## ${room}`, '', row(head), row(head.map(() => '---')), ...rows].join('\n');
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('<', '\\<')).join(' | ')} |`;
}
