export type { RestConfiguration } from './configuration';
export { type ListeningServer, listen, listenAdmin } from './server';
export { RestService, type ServiceEvent } from './service';
