/** A `tstzrange` as PostgreSQL writes it: `["2026-09-12 19:00:00+00","2026-09-12 23:45:00+00")` */
export function readRange(range: string): { starts: string; ends: string } | null {
  const bounds = /^[[(]"?([^",]+)"?,"?([^",)]+)"?[\])]$/.exec(range);
  if (!bounds?.[1] || !bounds[2]) return null;
  return { starts: isoOf(bounds[1]), ends: isoOf(bounds[2]) };
}

/** PostgreSQL's text of an instant, as every browser reads it. */
function isoOf(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}
