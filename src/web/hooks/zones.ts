/** What clocks in a time zone show at a moment: `YYYY-MM-DDTHH:MM:SS`. */
export function clockIn(timeZone: string, at: Date = new Date()): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(at).replace(' ', 'T');
}

/**
 * The moment at which clocks in a time zone show this.
 *
 * @param clock `YYYY-MM-DDTHH:MM[:SS]`; where clocks go forward over it, the moment that long after they did
 */
export function momentAt(timeZone: string, clock: string): Date {
  const wanted = Date.parse(`${clock}Z`);
  const ahead = (at: number) => Date.parse(`${clockIn(timeZone, new Date(at))}Z`) - at;
  // The offset at the first guess may be that of the other side of a change of clocks.
  const guess = wanted - ahead(wanted);
  return new Date(wanted - ahead(guess));
}
