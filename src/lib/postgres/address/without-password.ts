import { formatPostgresUrl, parsePostgresUrl } from './postgres-url';

/** Parameters that say where a URL leads, and how. Any other may carry a secret: passwords, keys of claims, settings of the session. */
const SHOWN = [
  ...['host', 'port', 'hostaddr', 'target_session_attrs', 'load_balance_hosts', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslnegotiation', 'channel_binding', 'uselibpqcompat', 'gssencmode'],
];

/**
 * Where a URL leads and as whom, such as `user@host:5432/database?sslmode=require`, for records: without its password, and
 * without parameters that may carry a secret. Web addresses keep host and path only.
 */
export function withoutPassword(text: string): string {
  const url = parsePostgresUrl(text);
  if (url) {
    const parameters = new URLSearchParams(
      [...url.parameters].filter(([name]) => SHOWN.includes(name.toLowerCase())),
    );
    return formatPostgresUrl({ ...url, password: '', parameters }).replace(/^\w+:\/\//, '');
  }
  if (!URL.canParse(text)) return 'not a URL';
  const { host, pathname } = new URL(text);
  return `${host}${pathname}`;
}
