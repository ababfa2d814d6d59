/** Parses a `tstzrange` in PostgreSQL's format: `["2026-09-12 19:00:00+00","2026-09-12 23:45:00+00")` */
export function readRange(range: string): { starts: string; ends: string } | null {
  const bounds = /^[[(]"?([^",]+)"?,"?([^",)]+)"?[\])]$/.exec(range);
  if (!bounds?.[1] || !bounds[2]) return null;
  return { starts: isoOf(bounds[1]), ends: isoOf(bounds[2]) };
}

/** Converts PostgreSQL's timestamp format to ISO 8601, which every browser parses. */
function isoOf(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}
