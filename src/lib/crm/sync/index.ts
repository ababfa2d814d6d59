// One way: what Marquee knows goes to the services that a company has connected.
export { type SyncApi, SyncError } from './api';
export { Books } from './books';
export { type PushedCalendar, pushCalendar } from './google-calendar';
export { QuickBooks } from './quickbooks';
