// Which addresses Marquee connects to where someone else chose them: webhooks of tenants, databases of customers.
export { type AddressRule, AllowedNetworks, isLoopback, isPrivate } from './allowed-networks';
export { NetworkError } from './errors';
export { allowedLookup, expectAllowed } from './lookup';
export { CheckedSocket, isThisMachine } from './socket';
