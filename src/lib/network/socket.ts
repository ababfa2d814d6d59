import { isIP, Socket, type SocketConnectOpts } from 'node:net';
import { type AddressRule, isLoopback } from './allowed-networks';
import { allowedLookup, expectAllowed } from './lookup';

export interface CheckedSocketOptions {
  /** Without one, any address. */
  rule?: AddressRule | undefined;
  /** The address to connect to; the host's name then only says whose certificate is expected. Undefined: the host is looked up. */
  hostaddr?: (host: string, port: number) => string | undefined;
}

/** A socket whose `connect(port, host)`, as a database driver calls it, reaches only allowed addresses. */
export class CheckedSocket extends Socket {
  constructor(private readonly options: CheckedSocketOptions) {
    super();
  }

  override connect(...given: unknown[]): this {
    const [port, host = 'localhost'] = given as [number | string, string | undefined];
    const { rule, hostaddr } = this.options;
    try {
      if (typeof port !== 'number') {
        if (rule) expectAllowed(port, rule);
        return super.connect(...(given as [SocketConnectOpts]));
      }
      const target = hostaddr?.(host, port) ?? host;
      if (!rule) return super.connect(port, target);
      if (isIP(target) !== 0) expectAllowed(target, rule);
      return super.connect({ port, host: target, lookup: allowedLookup(rule) });
    } catch (error) {
      process.nextTick(() => this.destroy(error as Error));
      return this;
    }
  }
}

/** Whether a host is this machine, by its name alone: it is not looked up. */
export function isThisMachine(host: string): boolean {
  return host.startsWith('/') || host.toLowerCase() === 'localhost' || (isIP(host) !== 0 && isLoopback(host));
}
