import { Command } from 'commander';
import {
  type NewDataSource,
  planDataSource,
  provisionDataSource,
  readHosts,
  withFurtherHosts,
} from '@/lib/data-sources';
import { CommandError } from '../errors';
import { withInstance } from '../instance';
import { printJson, withSpinner } from '../output';
import { readUrl, rulesFrom, type UrlOptions, withUrlOptions } from './source-urls';

export interface AddOptions extends UrlOptions {
  kind: string;
  region?: string;
  directUrlFile?: string;
  host?: string[];
  script?: boolean;
  serviceKeyFile?: string;
  anonKeyFile?: string;
  databaseUrlFile?: string;
  json?: boolean;
}

export const sourceAddCommand = withUrlOptions(
  new Command('add')
    .argument('<name>')
    .description('Add a data source: create its logins and tables, and register it')
    .option('--kind <kind>', 'shared, dedicated, byod (a customer’s) or supabase (a project)', 'shared')
    .option('--region <region>', 'where it stands, e.g. eu-central-1'),
  'the owner’s PostgreSQL URL, or that of the project',
)
  .option(
    '--host <host:port...>',
    'further hosts of the same cluster, which elects its primary itself (Patroni, pg_auto_failover); the URL may list them too',
  )
  .option(
    '--direct-url-file <file>',
    'where that URL leads through a pooler (PgBouncer, Supavisor): file with the owner’s URL at the server itself, for migrations and moves',
  )
  .option('--service-key-file <file>', 'file with the service_role key of a Supabase project')
  .option('--anon-key-file <file>', 'file with its anon key, with which its users are signed in')
  .option('--database-url-file <file>', 'file with the PostgreSQL URL of its database, to install the tables')
  .option(
    '--script',
    'add nothing: print the SQL with which a customer’s DBA makes the login in the URL and the two beside it',
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
A customer’s database (byod, supabase) is reached over the internet and verified TLS only, unless --allow-network and --tls say otherwise; the audit
log and marquee source list show both. Nothing is added that the connection test fails: marquee source test --url-file.

With --script the URL names a login that does not exist yet, with a password of at least 16 characters made up for it. After the DBA has run the
script, the same command without --script adds the database. See docs/customer-databases.md.`,
  )
  .action(async (name: string, options: AddOptions) => {
    const url = await readUrl(options.urlFile);
    if (options.script) {
      const script = planDataSource(url);
      if (options.json) return printJson({ script });
      console.log(script);
      return;
    }
    await addSource(name, options, url);
  });

async function addSource(name: string, options: AddOptions, url: string): Promise<void> {
  const source = await sourceFrom(name, options, url);
  await withInstance(async ({ operations }) => {
    const { dataSource, steps } = await withSpinner(`Preparing ${name}`, options.json, () =>
      provisionDataSource(operations, source),
    );
    if (options.json) return printJson(dataSource);
    for (const step of steps) console.log(step);
    console.log(`Added data source ${name} (${dataSource.id}).`);
  });
}

/** @throws CommandError `source_kind_invalid`, `option_invalid`, `file_unreadable` */
export async function sourceFrom(name: string, options: AddOptions, url: string): Promise<NewDataSource> {
  const { kind, region } = options;
  const rules = { name, ...(await rulesFrom(options)), ...(region ? { region } : {}) };
  if (kind === 'supabase') {
    const { serviceKeyFile, anonKeyFile, databaseUrlFile } = options;
    if (!serviceKeyFile) {
      throw new CommandError('option_invalid', 'A Supabase project needs its service_role key.', {
        hint: 'Give the file with it: --service-key-file',
      });
    }
    return {
      ...{ ...rules, kind, url, serviceKey: await readUrl(serviceKeyFile) },
      ...(anonKeyFile ? { anonKey: await readUrl(anonKeyFile) } : {}),
      ...(databaseUrlFile ? { adminUrl: await readUrl(databaseUrlFile) } : {}),
    };
  }
  if (kind !== 'shared' && kind !== 'dedicated' && kind !== 'byod') {
    throw new CommandError('source_kind_invalid', `“${kind}” is not a kind of data source.`, {
      hint: 'Use shared, dedicated, byod or supabase.',
    });
  }
  const { host } = options;
  const allHosts = (given: string) => (host ? withFurtherHosts(given, readHosts(host)) : given);
  const directUrl = options.directUrlFile ? allHosts(await readUrl(options.directUrlFile)) : undefined;
  const urls = directUrl ? { adminUrl: directUrl, pooledUrl: url } : { adminUrl: allHosts(url) };
  return { ...rules, kind, ...urls };
}
