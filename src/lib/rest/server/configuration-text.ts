// The configuration in force, as a configuration file that says the same.
import { type RestConfiguration, settingName } from './configuration';

type Written = Exclude<keyof RestConfiguration, 'secret' | 'app_settings'>;

const ORDER: readonly Written[] = [
  'client_error_verbosity',
  'db_aggregates_enabled',
  'db_anon_role',
  'db_channel',
  'db_channel_enabled',
  'db_extra_search_path',
  'db_hoisted_tx_settings',
  'db_max_rows',
  'db_plan_enabled',
  'db_pool',
  'db_pool_acquisition_timeout',
  'db_pool_max_lifetime',
  'db_pool_max_idletime',
  'db_pool_automatic_recovery',
  'db_pre_request',
  'db_prepared_statements',
  'db_root_spec',
  'db_schemas',
  'db_config',
  'db_pre_config',
  'db_tx_end',
  'db_uri',
  'jwt_aud',
  'jwt_role_claim_key',
  'jwt_secret',
  'jwt_secret_is_base64',
  'jwt_cache_max_entries',
  'log_level',
  'log_query',
  'openapi_mode',
  'openapi_security_active',
  'openapi_server_proxy_uri',
  'server_cors_allowed_origins',
  'server_host',
  'server_port',
  'server_reuseport',
  'server_trace_header',
  'server_timing_enabled',
  'server_unix_socket',
  'server_unix_socket_mode',
  'admin_server_host',
  'admin_server_port',
  'admin_server_unix_socket',
  'admin_server_unix_socket_mode',
  'url_use_legacy_target_names',
];

/** Includes secrets: for the operator, who has set them. */
export function configurationText(configuration: RestConfiguration): string {
  const lines = ORDER.map((name) => `${settingName(name)} = ${written(name, configuration)}`);
  for (const [name, value] of configuration.app_settings) lines.push(`${name} = ${quoted(value)}`);
  return `${lines.join('\n')}\n`;
}

function written(name: Written, configuration: RestConfiguration): string {
  switch (name) {
    case 'jwt_role_claim_key':
      return quoted(configuration.jwt_role_claim_key.text);
    case 'jwt_secret': {
      const { secret, jwt_secret_is_base64: inBase64 } = configuration;
      return quoted(secret ? Buffer.from(secret).toString(inBase64 ? 'base64' : 'utf8') : '');
    }
    case 'server_unix_socket_mode':
    case 'admin_server_unix_socket_mode':
      return quoted(configuration[name].toString(8));
    case 'admin_server_host':
      return quoted(configuration.admin_server_host ?? configuration.server_host);
  }
  const value = configuration[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined || typeof value === 'string') return quoted(value ?? '');
  if (Array.isArray(value)) return quoted(value.join(','));
  const { schema, name: called } = value as { schema: string | undefined; name: string };
  return quoted(schema === undefined ? called : `${schema}.${called}`);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('$', '$$$$')}"`;
}
