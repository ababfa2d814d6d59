import type { Plugin } from 'vite';

/** Left to the network: pages of clients, and letters of other scripts. */
const LEFT_OUT = /\/(ClientScreen|ContractScreen|DesignsScreen|inter-(cyrillic|greek|vietnamese))/;

/** Writes `offline.json`: the addresses of the files that the service worker stores, so that the application opens offline. */
export function listFiles(): Plugin {
  return {
    name: 'list-files',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle)
        .map((name) => `/${name}`)
        .filter((name) => /^\/assets\/.*\.(js|css|svg|woff2)$/.test(name) && !LEFT_OUT.test(name));
      this.emitFile({
        type: 'asset',
        fileName: 'offline.json',
        source: JSON.stringify([...files, '/color-scheme.js', '/marquee.svg']),
      });
    },
  };
}
