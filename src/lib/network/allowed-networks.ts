// Which addresses Marquee may connect to for someone else. A customer's URL must not reach Marquee's own network through it.
import { BlockList, isIP } from 'node:net';
import { NetworkError } from './errors';

/** Loopback, private, link-local, shared (carrier-grade NAT), reserved and translated addresses: RFC 6890 and the registries it set up. */
const IPV4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3';
const IPV6 =
  '::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/9 ff00::/8';
/** Azure answers requests of virtual machines there, at an address that looks public. The other clouds' metadata services are link-local. */
const METADATA = '168.63.129.16/32';

/** The addresses that are not on the internet. A rule for IPv4 holds for the same address mapped into IPv6, too. */
const PRIVATE = blockList(`${IPV4} ${METADATA} ${IPV6}`.split(' '));
const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);

const PUBLIC = 'public';

/** Which addresses may be connected to. */
export interface AddressRule {
  allows(address: string): boolean;
}

/** Allows addresses on the internet, and those in networks that the operator has allowed. */
export class AllowedNetworks implements AddressRule {
  readonly #more: BlockList;

  /** @param networks as `10.20.0.0/16` @throws NetworkError `network_invalid` */
  constructor(readonly networks: readonly string[] = []) {
    this.#more = blockList(networks);
  }

  allows(address: string): boolean {
    return !contains(PRIVATE, address) || contains(this.#more, address);
  }

  /** How they are written into a URL: `public`, then each network. */
  toString(): string {
    return [PUBLIC, ...this.networks].join(',');
  }

  /** Reads what `toString` wrote; undefined for any address. */
  static parse(text: string | null | undefined): AllowedNetworks | undefined {
    if (!text) return undefined;
    return new AllowedNetworks(text.split(',').filter((network) => network !== PUBLIC));
  }
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return contains(LOOPBACK, address);
}

/** Whether an address is not on the internet. */
export function isPrivate(address: string): boolean {
  return contains(PRIVATE, address);
}

/** What is no address counts as contained in the private ones: it is refused where only public ones are allowed. */
function contains(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%');
  const version = isIP(plain);
  if (version === 0) return list === PRIVATE;
  return list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', bits = ''] = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(network) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 6 ? 128 : 32)) {
      throw new NetworkError('network_invalid', `“${network}” is not a network.`);
    }
    list.addSubnet(address, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
