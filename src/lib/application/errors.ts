import { declareFailures, MarqueeError } from '@/lib/failures';

const APPLICATION_FAILURES = declareFailures('application', 'operator', {
  tenant_unknown: {
    category: 'not-found',
    means: 'No tenant has this id or subdomain.',
    hint: 'List the tenants with: marquee tenant list',
    userText: {
      message: 'There is no company at this address.',
      hint: 'Check the address: it begins with your company’s name.',
    },
  },
  tenant_invalid: {
    category: 'invalid',
    means: 'A column of the tenant breaks a rule of the application database.',
    hint: 'Check its name, status and tenant_id_in_data_source (a UUID).',
  },
  connection_pool_config_invalid: {
    category: 'invalid',
    means: 'The column connection_pool_config has an unknown key or a value out of range.',
    hint: 'See docs/connection-pool-config.md for its keys and their ranges.',
  },
  subdomain_taken: {
    category: 'conflict',
    audience: 'user',
    means: 'Another tenant has this subdomain.',
    hint: 'Choose another one.',
  },
  subdomain_invalid: {
    category: 'invalid',
    audience: 'user',
    means: 'The subdomain is not a DNS label.',
    hint: 'Use 1 to 63 letters a to z, digits and hyphens; no hyphen at either end.',
  },
  subdomain_reserved: {
    category: 'invalid',
    audience: 'user',
    means: 'The subdomain is reserved for Marquee.',
    hint: 'Choose another one.',
  },
  route_changed: {
    category: 'conflict',
    means: 'The tenant was placed elsewhere since its route was read.',
    hint: 'Read the tenant again before you move it.',
  },
  place_taken: {
    category: 'conflict',
    means: 'Another tenant has this id in this data source.',
    hint: 'Each tenant of a data source needs a tenant_id_in_data_source of its own.',
  },
  user_unknown: {
    category: 'not-found',
    audience: 'user',
    means: 'No user has this id or address.',
    hint: 'List the users of the tenant.',
  },
  user_invalid: {
    category: 'invalid',
    audience: 'user',
    means: 'A column of the user breaks a rule of the application database.',
    hint: 'Check email address, name and role; only an operator has no tenant.',
  },
  email_taken: {
    category: 'conflict',
    audience: 'user',
    means: 'Another user of the tenant has this email address.',
    hint: 'Sign in with it, or use another one.',
  },
  last_owner: {
    category: 'conflict',
    audience: 'user',
    means: 'The change would leave the tenant without an owner who can sign in.',
    hint: 'Make another active person owner first.',
  },
  audit_log_changed: {
    category: 'conflict',
    means:
      'Records of the audit log are not those that were written: they were edited, deleted, inserted or rewritten.',
    hint: 'See everything that was changed: marquee audit verify',
  },
  audit_checkpoint_invalid: {
    category: 'invalid',
    means: 'A checkpoint of the audit log is not a signed note, or no known key has signed it.',
    hint: 'Give the key that signed it: --key, or PREVIOUS_ENCRYPTION_KEYS after a rotation.',
  },
  audit_checkpoint_undelivered: {
    category: 'unavailable',
    means: 'A checkpoint of the audit log was signed, but a place outside did not take it.',
    hint: 'Check that place, and sign again: marquee audit checkpoint',
  },
  audit_archive_invalid: {
    category: 'invalid',
    means: 'A file of archived records of the audit log is damaged, or is not such a file.',
    hint: 'Restore the file from another copy.',
  },
  audit_key_invalid: {
    category: 'invalid',
    means: 'The text is not a key that verifies checkpoints.',
    hint: 'Print the key with: marquee audit key',
  },
  audit_proof_invalid: {
    category: 'invalid',
    means: 'The file is not a proof of a record of the audit log.',
    hint: 'Make one: marquee audit proof',
  },
  audit_record_unknown: {
    category: 'not-found',
    means: 'The audit log has no record of this id.',
    hint: 'Ids are those of the column id.',
  },
  audit_record_not_covered: {
    category: 'conflict',
    means: 'No signed checkpoint covers the record yet.',
    hint: 'Make one: marquee audit checkpoint',
  },
  audit_log_busy: {
    category: 'unavailable',
    means: 'Records were added to the audit log faster than a checkpoint of it could be signed.',
    hint: 'Try again in a minute.',
  },
  application_login_lacks_rights: {
    category: 'conflict',
    means:
      'The login of APPLICATION_DATABASE_URL is not the owner of the tables, and they are not of this version.',
    hint: 'Run marquee migrate with APPLICATION_DATABASE_OWNER_URL set.',
  },
  application_database_unreachable: {
    category: 'unavailable',
    means: 'No connection to the application database can be made, or it was lost.',
    hint: 'Check APPLICATION_DATABASE_URL, and that the server is up.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_project_invalid: {
    category: 'unavailable',
    means: 'NEXT_PUBLIC_SUPABASE_URL leads to what is not the REST API of a Supabase project.',
    hint: 'Its form is https://<project>.supabase.co: see Project settings → API.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_key_refused: {
    category: 'unavailable',
    means:
      'The Supabase project of the application database does not accept SUPABASE_SERVICE_ROLE_KEY as its service key.',
    hint: 'Copy SUPABASE_SERVICE_ROLE_KEY again: the service_role (secret) key in Project settings → API keys.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_project_not_set_up: {
    category: 'unavailable',
    means: 'The Supabase project of the application database lacks tables or functions of this version.',
    hint: 'Run in its SQL editor what this prints: marquee migrate --script',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_project_paused: {
    category: 'unavailable',
    means: 'The Supabase project of the application database is paused.',
    hint: 'Restore it in its dashboard.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_project_busy: {
    category: 'unavailable',
    means: 'The Supabase project of the application database refuses requests because there were too many.',
    hint: 'Try again in a minute.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_needs_postgres: {
    category: 'invalid',
    means: 'The command removes or changes what the REST API of a Supabase project does not reach.',
    hint: 'Set APPLICATION_DATABASE_OWNER_URL to the project’s PostgreSQL URL for this command.',
  },
  application_database_closed: {
    category: 'unavailable',
    means: 'The application database was closed by this process.',
    hint: 'Open it again; close is final.',
    userText: { message: 'The service is restarting.', hint: 'Try again in a minute.' },
  },
});

/** Everything this room refuses or fails at, by stable code. */
export type ApplicationErrorCode = keyof typeof APPLICATION_FAILURES;

/** An error about tenants, users or their database. */
export class ApplicationError extends MarqueeError<ApplicationErrorCode> {}
