import { declareFailures, MarqueeError } from '@/lib/failures';

const CALENDAR_FAILURES = declareFailures('crm/calendar', 'user', {
  link_booth_unknown: {
    category: 'not-found',
    means: 'A calendar feed was asked for a booth that does not exist.',
    hint: 'Choose a booth of your company.',
  },
});

/** A calendar feed cannot be made or found. */
export class CalendarError extends MarqueeError<keyof typeof CALENDAR_FAILURES | 'link_unknown'> {}
