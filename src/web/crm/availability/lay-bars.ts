/** A booking on the timeline; `from` and `to` in days from its left edge. */
export interface TimelineBar {
  id: string;
  eventId: string | null;
  title: string;
  status: string;
  /** It was booked though it was taken. */
  overbooked: boolean;
  from: number;
  to: number;
  starts: string;
  ends: string;
}

export interface PlacedBar extends TimelineBar {
  /** Counted from 0: bars at the same time lie below each other. */
  lane: number;
}

/** Ends before this hour belong to the day before: a party until one in the morning. */
const SMALL_HOURS = 6 / 24;

/** Bars over whole days, where a day is too narrow for hours. */
export function wholeDays(bars: readonly TimelineBar[]): TimelineBar[] {
  return bars.map((bar) => {
    const from = Math.floor(bar.from);
    return { ...bar, from, to: Math.max(from + 1, Math.ceil(bar.to - SMALL_HOURS)) };
  });
}

/** Gives each bar the first lane in which nothing overlaps it. */
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
