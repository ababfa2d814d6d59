import ical, { ICalEventBusyStatus, ICalEventStatus } from 'ical-generator';

/** One date of an event, as a feed shows it. Times are instants (ISO 8601 with zone). */
export interface CalendarEntry {
  /** Stable over edits, so that a calendar updates rather than doubles: the event date's id. */
  id: string;
  title: string;
  start: string;
  end: string;
  /** IANA name, e.g. `Europe/Rotterdam`. */
  timezone: string;
  place?: string;
  description?: string;
  status: 'tentative' | 'confirmed' | 'cancelled';
  /** Bumped by every edit (the row's `version`). */
  sequence: number;
  updatedAt: string;
}

/**
 * An iCalendar (RFC 5545) feed of a person's or a booth's entries.
 *
 * @param detail `busy` leaves out titles, places and descriptions: free/busy for people outside the company
 */
export function calendarFeed(
  name: string,
  entries: CalendarEntry[],
  detail: 'full' | 'busy' = 'full',
): string {
  const calendar = ical({ name, prodId: { company: 'Marquee', product: 'Marquee' }, ttl: 15 * 60 });
  for (const entry of entries) {
    calendar.createEvent({
      id: entry.id,
      start: new Date(entry.start),
      end: new Date(entry.end),
      summary: detail === 'full' ? entry.title : 'Busy',
      location: detail === 'full' ? (entry.place ?? null) : null,
      description: detail === 'full' ? (entry.description ?? null) : null,
      status: STATUS[entry.status],
      busystatus: entry.status === 'cancelled' ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
      sequence: entry.sequence,
      stamp: new Date(entry.updatedAt),
      lastModified: new Date(entry.updatedAt),
    });
  }
  return calendar.toString();
}

const STATUS = {
  tentative: ICalEventStatus.TENTATIVE,
  confirmed: ICalEventStatus.CONFIRMED,
  cancelled: ICalEventStatus.CANCELLED,
};
