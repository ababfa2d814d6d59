import { declareFailures, MarqueeError } from '@/lib/failures';

const NETWORK_FAILURES = declareFailures('network', 'operator', {
  address_refused: {
    category: 'invalid',
    means:
      'An address that a customer gave leads to this machine, a private network or a cloud’s metadata service.',
    hint: 'Give an address that is reachable from the internet, or let the operator allow its network.',
  },
  network_invalid: {
    category: 'invalid',
    means: 'A network is not written as an address and the length of its prefix.',
    hint: 'Write it as 10.20.0.0/16 or fd12:3456::/48.',
  },
});

/** Everything this room refuses, by stable code. */
export type NetworkErrorCode = keyof typeof NETWORK_FAILURES;

/** An address that must not be connected to. Its message names the host and the address. */
export class NetworkError extends MarqueeError<NetworkErrorCode> {}
