/** A booking on the timeline. `from` and `to` are in days from its left edge. */
export interface TimelineBar {
  id: string;
  eventId: string | null;
  title: string;
  status: string;
  /** The resource was already booked at the time. */
  overbooked: boolean;
  from: number;
  to: number;
  starts: string;
  ends: string;
}

export interface PlacedBar extends TimelineBar {
  /** Lane index from 0. Overlapping bars are stacked in different lanes. */
  lane: number;
}

/** Ends before this hour, as a fraction of a day, count as the previous day: a party may last until one in the morning. */
const SMALL_HOURS = 6 / 24;

/** Rounds bars to whole days, for timelines too narrow for hours. */
export function wholeDays(bars: readonly TimelineBar[]): TimelineBar[] {
  return bars.map((bar) => {
    const from = Math.floor(bar.from);
    return { ...bar, from, to: Math.max(from + 1, Math.ceil(bar.to - SMALL_HOURS)) };
  });
}

/** Assigns each bar the first lane without an overlap. */
export function layBars(bars: readonly TimelineBar[]): { placed: PlacedBar[]; lanes: number } {
  const ends: number[] = [];
  const placed = bars
    .toSorted((a, b) => a.from - b.from)
    .map((bar) => {
      const free = ends.findIndex((end) => end <= bar.from);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = bar.to;
      return { ...bar, lane };
    });
  return { placed, lanes: ends.length };
}
