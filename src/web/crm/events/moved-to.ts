import type { Times } from './MoveDate';

const MINUTE_MS = 60_000;

/**
 * A date with its hours after its entry was dragged.
 *
 * @param begins where the entry begins then: `YYYY-MM-DDTHH:MM:SS`, or a day alone, to which the date moves with its hours
 */
export function movedTo(begins: string, { start_time, end_time, setup_time }: Times): Times {
  const clock = begins.slice(11, 19) || start_time;
  const later = (Date.parse(`2000-01-01T${clock}Z`) - Date.parse(`2000-01-01T${start_time}Z`)) / MINUTE_MS;
  return {
    event_date: begins.slice(0, 10),
    start_time: shiftTime(start_time, later),
    end_time: shiftTime(end_time, later),
    setup_time: setup_time && shiftTime(setup_time, later),
  };
}

/** Adds minutes to a time of day, wrapping at midnight. */
function shiftTime(time: string, minutes: number): string {
  return new Date(Date.parse(`2000-01-01T${time}Z`) + minutes * MINUTE_MS).toISOString().slice(11, 19);
}
