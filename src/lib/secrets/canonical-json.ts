/**
 * JSON with sorted keys, for what is signed: PostgreSQL's jsonb keeps no order of them, and the text must be the same when it is read
 * again.
 */
export function canonicalJson(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
