export { listenAdmin, schemaCacheText } from './admin';
export type { RestConfiguration } from './configuration';
export { configurationText } from './configuration-text';
export type { ListeningServer } from './listening';
export { listen } from './server';
export { RestService } from './service';
export type { ServiceEvent } from './service-events';
