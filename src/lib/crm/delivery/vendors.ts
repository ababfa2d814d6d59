// One way: what Marquee knows goes to the services that a company has connected.

export { Books } from './books/books';
export { QuickBooks } from './books/quickbooks';
export { type PushedCalendar, pushCalendar } from './calendars/google-calendar';
export { type SyncApi, SyncError } from './vendor-api';
