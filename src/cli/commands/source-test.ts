import { Command } from 'commander';
import {
  type ConnectionTestResult,
  type LoginTest,
  testDataSource,
  testNewDataSource,
  type UntriedSource,
} from '@/lib/data-sources';
import { CommandError } from '../errors';
import { withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';
import { readUrl, rulesFrom, type UrlOptions, withUrlOptions } from './source-urls';

interface TestOptions extends UrlOptions {
  kind: string;
  serviceKeyFile?: string;
  anonKeyFile?: string;
  json?: boolean;
}

const TITLES: Record<LoginTest['purpose'], string> = {
  router: 'The login that serves tenants:',
  mover: 'The login that moves tenants:',
  administrator: 'The owner of the tables:',
};

export const sourceTestCommand = withUrlOptions(
  new Command('test')
    .argument('[source]')
    .description('Test a registered data source, or a database before it is added, and show what is wrong')
    .option('--kind <kind>', 'of a database that is not added: shared, dedicated, byod or supabase', 'byod'),
  'the URL with which the database is to be added',
)
  .option('--service-key-file <file>', 'file with the service_role key of a Supabase project')
  .option('--anon-key-file <file>', 'file with its anon key')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Each check has a code and says what to do; docs/connection-test.md has them all. Exit code 4: something failed. Nothing is changed: the one row that is
written, to prove that tenants are kept apart, is rolled back.`,
  )
  .action(async (name: string | undefined, options: TestOptions) => {
    const results = await withSpinner('Connecting', options.json, async () => {
      if (name) return withInstance(({ operations }) => testDataSource(operations, name));
      return [await testNewDataSource(await notAdded(options))];
    });
    if (options.json) printJson(asOne(results));
    else for (const result of results) show(results.length > 1, result);
    if (results.some(({ ok }) => !ok)) process.exitCode = 4;
  });

/** The first is what serves tenants, or would be added; the others stand beside it. */
function asOne([first, ...others]: LoginTest[]) {
  const resultOf = ({ purpose: _purpose, ...result }: LoginTest): ConnectionTestResult => result;
  return {
    ...(first && resultOf(first)),
    ...Object.fromEntries(others.map((other) => [other.purpose, resultOf(other)])),
  };
}

async function notAdded(options: TestOptions): Promise<UntriedSource> {
  const { kind, serviceKeyFile, anonKeyFile } = options;
  const rules = await rulesFrom(options);
  if (kind === 'shared' || kind === 'dedicated' || kind === 'byod') {
    return { ...rules, kind, url: await readUrl(options.urlFile) };
  }
  if (kind !== 'supabase') {
    throw new CommandError('source_kind_invalid', `“${kind}” is not a kind of data source.`, {
      hint: 'Use shared, dedicated, byod or supabase.',
    });
  }
  const url = await readUrl(options.urlFile);
  const serviceKey = serviceKeyFile ? await readUrl(serviceKeyFile) : '';
  const anonKey = anonKeyFile ? await readUrl(anonKeyFile) : undefined;
  return { ...rules, kind, url, serviceKey, anonKey };
}

function show(titled: boolean, { purpose, checks, ...facts }: LoginTest): void {
  if (titled) console.log(`\n${TITLES[purpose]}`);
  printRecord({ ...facts }, false);
  printRows(
    checks.map(({ name, outcome, code, message }) => ({ check: name, outcome, code, message })),
    false,
  );
  for (const { name, hint } of checks) if (hint) console.log(`${name}: ${hint}`);
}
