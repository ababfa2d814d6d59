// Calendars that other programs subscribe to.

export { loadBusyTimes, loadEntries } from './entries';
export {
  type CalendarFeed,
  createFeed,
  type FeedDetail,
  type FeedSubject,
  findFeed,
  listFeeds,
  type NewFeed,
  renewFeed,
} from './feeds';
export { type CalendarEntry, calendarFeed } from './icalendar';
