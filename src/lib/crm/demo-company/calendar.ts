import { shiftDate } from '../dates';
import type { Random } from './random';

/** Weddings in summer, parties in December: how busy each month is. */
const MONTH_WEIGHTS = [3, 4, 6, 8, 11, 13, 10, 9, 12, 13, 8, 12];
/** Sunday first. */
const WEEKDAY_WEIGHTS = [9, 2, 2, 4, 8, 26, 49];

/** When events are, and which booths and people are taken on each day. */
export class Calendar {
  readonly #taken = new Map<string, Set<string>>();

  /** @param today ISO date */
  constructor(
    private readonly random: Random,
    private readonly today: string,
  ) {}

  /** A date in the year around today (nine months back, three ahead), by season and weekday. */
  eventDate(): string {
    for (;;) {
      const date = shiftDate(this.today, this.random.integer(-270, 95));
      const day = new Date(`${date}T00:00:00Z`);
      const weight =
        ((MONTH_WEIGHTS[day.getUTCMonth()] ?? 0) / 13) * ((WEEKDAY_WEIGHTS[day.getUTCDay()] ?? 0) / 49);
      if (this.random.next() < weight) return date;
    }
  }

  /** One of these ids that is not taken on the date, which takes it; undefined if all are. */
  take(date: string, candidates: readonly string[]): string | undefined {
    const taken = this.#taken.get(date) ?? new Set<string>();
    this.#taken.set(date, taken);
    const free = candidates.filter((candidate) => !taken.has(candidate));
    if (free.length === 0) return undefined;
    const chosen = this.random.pick(free);
    taken.add(chosen);
    return chosen;
  }
}

/** An hour of a day as an instant. */
export function at(date: string, hour: number): string {
  return `${date}T${String(hour).padStart(2, '0')}:00:00Z`;
}
