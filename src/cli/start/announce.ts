// What `marquee start` prints once it serves.
import type { RunningServer } from '@/server';
import { printJson } from '../output';
import { DEMO_PASSWORD, DEMO_TENANTS } from './demo';
import type { DemoKeys } from './demo-keys';
import { DEMO_OPERATOR, type DemoSecondFactor } from './demo-operator';

/**
 * @param keys of the demo tenants, where there are any
 * @param factor of the demo's operator, where there is one
 * @param ms since this process began
 */
export function announce(
  server: RunningServer,
  { keys, factor }: { keys: Record<string, DemoKeys> | undefined; factor: DemoSecondFactor | undefined },
  ms: number,
  json: boolean | undefined,
): void {
  const url = `http://localhost:${server.port}`;
  const tenants = keys
    ? DEMO_TENANTS.map(({ subdomain, name }) => ({
        name,
        url: `http://${subdomain}.localhost:${server.port}`,
        email: `owner@${subdomain}.example`,
        anonKey: keys[subdomain]?.anon ?? '',
        serviceKey: keys[subdomain]?.service ?? '',
      }))
    : [];
  if (json) {
    printJson({
      url,
      port: server.port,
      ms,
      tenants,
      ...(keys
        ? { operator: DEMO_OPERATOR, operatorSecret: factor?.secret ?? null, password: DEMO_PASSWORD }
        : {}),
    });
    return;
  }
  console.log(`\nMarquee serves at ${url} (after ${(ms / 1000).toFixed(1)} s)\n`);
  for (const tenant of tenants) console.log(`  ${tenant.url}  ${tenant.name.padEnd(22)}  ${tenant.email}`);
  if (keys) {
    console.log(`\nEvery demo password: ${DEMO_PASSWORD}`);
    console.log(
      'Other roles: admin@, manager@, sales@, staff@, viewer@ of the same names; without subdomains: /t/a … /t/f',
    );
    console.log(`Clients inquire at ${url}/book/a`);
    announceConsole(url, factor);
    console.log(
      `\nSupabase clients: createClient('${url}', key), see ${url}/docs/connect. Keys, anon and service:`,
    );
    for (const { name, anonKey, serviceKey } of tenants) {
      console.log(`  ${name.padEnd(22)}  ${anonKey}\n${' '.repeat(26)}${serviceKey}`);
    }
    console.log('\nCtrl-C stops everything.\n');
  }
}

/** The operator's console is the first thing to try with the demo. */
function announceConsole(url: string, factor: DemoSecondFactor | undefined): void {
  console.log(`\nThe operator’s console: ${url}/operator  ${DEMO_OPERATOR}`);
  if (!factor) return;
  console.log(`  code at sign-in: ${factor.code}  (later ones: npx marquee operator demo-code)`);
  console.log(`  or an authenticator: ${factor.uri}`);
  console.log('  Turn on “Demo traffic” there, and drag a tenant to another database.');
}
