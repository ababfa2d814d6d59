// Names are looked up once, and the addresses that were checked are those that are connected to. A second lookup could say something
// else (DNS rebinding).
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressRule } from './allowed-networks';
import { NetworkError } from './errors';

/** `lookup` for a socket or an HTTP request: refuses a name any of whose addresses is not allowed. */
export function allowedLookup(rule: AddressRule): LookupFunction {
  return (hostname, options, answer) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, []);
      const refused = addresses.find(({ address }) => !rule.allows(address));
      if (refused) return answer(addressRefused(hostname, refused.address), []);
      const [first] = addresses;
      if (options.all || !first) return answer(null, addresses);
      return answer(null, first.address, first.family);
    });
  };
}

/** For an address, which is not looked up. The path of a Unix socket is this machine. @throws NetworkError `address_refused` */
export function expectAllowed(address: string, rule: AddressRule): void {
  if (!rule.allows(address.startsWith('/') ? '127.0.0.1' : address)) throw addressRefused(address, address);
}

function addressRefused(host: string, address: string): NetworkError {
  const where = host === address ? host : `${host} (${address})`;
  return new NetworkError('address_refused', `${where} is not an address on the internet.`);
}
