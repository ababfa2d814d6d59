import { declareFailures, MarqueeError } from '@/lib/failures';

const COMMAND_FAILURES = declareFailures('cli', 'operator', {
  already_running: {
    category: 'conflict',
    means: 'Another process of Marquee uses the state directory.',
    hint: 'Use that one, stop it with Ctrl-C, or set MARQUEE_STATE_DIRECTORY to another directory.',
  },
  confirmation_missing: {
    category: 'invalid',
    means: 'A command that destroys something was not confirmed.',
    hint: 'Type the name when asked, or give --yes.',
  },
  database_unreachable: {
    category: 'unavailable',
    means: 'The database to generate types from cannot be used.',
    hint: 'Check host, port, user, password and database in --db-url.',
  },
  database_url_missing: {
    category: 'invalid',
    means: 'The command needs the URL of a database.',
    hint: 'Give --db-url postgresql://user@host/database, or set PGRST_DB_URI.',
  },
  embedded_port_taken: {
    category: 'conflict',
    means: 'Another program uses the port of the embedded database.',
    hint: 'Stop that program, or begin again with: npm start -- --fresh',
  },
  file_unreadable: {
    category: 'invalid',
    means: 'A file that the command needs cannot be read.',
    hint: 'Check the path.',
  },
  interrupted: {
    category: 'internal',
    means: 'The start was interrupted.',
  },
  not_ready: {
    category: 'unavailable',
    means: 'The served database does not answer, or has no schema cache yet.',
    hint: 'Start it with admin-server-port set.',
  },
  operator_sign_in_required: {
    category: 'unauthenticated',
    means: 'The command needs an operator who is signed in at the command line.',
    hint: 'Sign in: marquee operator sign-in',
  },
  option_invalid: {
    category: 'invalid',
    means: 'An option of a command has an invalid value, or requires another option.',
    hint: 'See the command’s --help.',
  },
  placement_refused: {
    category: 'conflict',
    means: 'No data source takes the tenant: each is in another region, full or unreachable.',
    hint: 'See why: marquee tenant create --dry-run. Add one: marquee source add',
  },
  demo_missing: {
    category: 'not-found',
    means: 'Only the embedded demo has what was asked for.',
    hint: 'Start one: npm start',
  },
  port_invalid: {
    category: 'invalid',
    means: 'The port is not a number from 0 to 65535.',
    hint: 'Give a number from 0 to 65535.',
  },
  role_invalid: {
    category: 'invalid',
    means: 'A scoped key needs a role, and no other kind of key takes one.',
    hint: 'For a scoped key add --role.',
  },
  role_unknown: {
    category: 'invalid',
    means: 'There is no such role.',
    hint: 'Choose one of the roles that --help lists.',
  },
  source_kind_invalid: {
    category: 'invalid',
    means: 'There is no such kind of data source.',
    hint: 'Use shared, dedicated, byod or supabase.',
  },
  state_directory_not_writable: {
    category: 'conflict',
    means: 'The state directory cannot be written to.',
    hint: 'Give it to your user, or set MARQUEE_STATE_DIRECTORY to another directory.',
  },
  tenant_not_demo: {
    category: 'conflict',
    means: 'Generated records were requested for a tenant that may be a real company.',
    hint: 'Fill a tenant whose people all have addresses at example.com, .example or .test.',
  },
  tenant_placed: {
    category: 'conflict',
    means: 'The tenant has a data source already.',
    hint: 'Move it: marquee move start',
  },
  tenant_required: {
    category: 'invalid',
    means: 'The command needs --tenant.',
    hint: 'List tenants: marquee tenant list',
  },
  types_stale: {
    category: 'conflict',
    means: 'The file of types differs from what the database has.',
    hint: 'Run the same command without --check.',
  },
  web_build_failed: {
    category: 'internal',
    means: 'The web application could not be built.',
    hint: 'Run it alone to see more: npx vite build --config src/web/vite.config.ts',
  },
});

/** The command cannot be carried out as it was given, or not here. */
export class CommandError extends MarqueeError<
  | keyof typeof COMMAND_FAILURES
  | 'alert_rule_invalid'
  | 'alert_rule_unknown'
  | 'api_key_unknown'
  | 'audit_record_unknown'
  | 'email_invalid'
  | 'user_unknown'
  | 'migration_unsupported'
> {}
