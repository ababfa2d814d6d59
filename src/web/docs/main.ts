// The page `/docs`: the API's description as a reference whose requests can be tried.
import { serverAddress } from '../hooks/page/address';

// The Zod in the reference would try out whether `Function` compiles code, which the page's Content-Security-Policy refuses.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
const { createApiReference } = await import('@scalar/api-reference');

const description = await (await fetch(serverAddress('/api/openapi.json'))).json();
// The reference sends everything to the first server: each path is given whole.
const paths = Object.entries<{ servers?: unknown }>(description.paths).map(([path, { servers, ...item }]) => [
  servers ? path : `/api${path}`,
  item,
]);

createApiReference('#reference', {
  content: { ...description, servers: [{ url: serverAddress('') }], paths: Object.fromEntries(paths) },
  // Nothing leaves this server: the page's Content-Security-Policy refuses it as well.
  telemetry: false,
  withDefaultFonts: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  // A key that was typed is forgotten with the page.
  persistAuth: false,
  authentication: { preferredSecurityScheme: 'bearer' },
  documentDownloadType: 'json',
  modelsSectionLabel: 'Schemas',
});
