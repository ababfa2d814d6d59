import type { EngineSettings } from '../settings';
import type { RestConfiguration } from './configuration';

/** PostgREST's configuration in the engine's words. */
export function engineSettings(configuration: RestConfiguration): EngineSettings {
  const [defaultSchema = 'public'] = configuration.db_schemas;
  // A function without a schema is looked for as the search path would: in the default schema.
  const qualify = (name: { schema: string | undefined; name: string } | undefined) =>
    name && { schema: name.schema ?? defaultSchema, name: name.name };
  const preRequest = qualify(configuration.db_pre_request);
  const isRootDisabled = configuration.openapi_mode === 'disabled';
  const rootSpec = isRootDisabled ? undefined : qualify(configuration.db_root_spec);
  return {
    schemas: configuration.db_schemas,
    extraSearchPath: configuration.db_extra_search_path,
    ...(configuration.db_max_rows !== undefined && { maxRows: configuration.db_max_rows }),
    aggregatesEnabled: configuration.db_aggregates_enabled,
    planEnabled: configuration.db_plan_enabled,
    legacyTargetNames: configuration.url_use_legacy_target_names,
    txEnd: configuration.db_tx_end,
    ...(preRequest && { preRequest }),
    ...(rootSpec && { rootSpec }),
    ...(!isRootDisabled && {
      openApi: {
        followPrivileges: configuration.openapi_mode === 'follow-privileges',
        securityActive: configuration.openapi_security_active,
        uri: () => publicUri(configuration),
      },
    }),
    prepared: configuration.db_prepared_statements,
    appSettings: Object.fromEntries(configuration.app_settings),
    errorVerbosity: configuration.client_error_verbosity,
  };
}

function publicUri(configuration: RestConfiguration): URL {
  const { openapi_server_proxy_uri: proxy, server_host: host, server_port: port } = configuration;
  if (proxy) return new URL(proxy);
  const name = /^[*!]/.test(host) ? '0.0.0.0' : host;
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port}/`);
}
