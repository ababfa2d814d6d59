/** Local date and time in a time zone at an instant: `YYYY-MM-DDTHH:MM:SS`. */
export function clockIn(timeZone: string, at: Date = new Date()): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(at).replace(' ', 'T');
}

const DAY_MS = 86_400_000;

/**
 * Converts a local date and time in a time zone to an instant. An ambiguous time means its first occurrence; a skipped time
 * is moved forward by the length of the gap (`compatible` in Temporal and RFC 5545).
 *
 * @param clock `YYYY-MM-DDTHH:MM[:SS]`
 */
export function momentAt(timeZone: string, clock: string): Date {
  const wanted = Date.parse(`${clock}Z`);
  const ahead = (at: number) => Date.parse(`${clockIn(timeZone, new Date(at))}Z`) - at;
  const before = ahead(wanted - DAY_MS);
  const after = ahead(wanted + DAY_MS);
  const moments = [wanted - before, wanted - after].filter((at) => wanted - at === ahead(at));
  return new Date(moments.length > 0 ? Math.min(...moments) : wanted - before);
}
