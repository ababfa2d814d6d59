// `tenant_id` in a filter or a body may be the application's id or the id in the data source: the former becomes the latter.

/** Rewrites `tenant_id` filters of a query string in which the application's id stands. */
export function translateQuery(query: string, from: string, to: string): string {
  if (from === to || !containsId(query, from)) return query;
  const parameters = new URLSearchParams(query);
  const translated = new URLSearchParams();
  for (const [key, value] of parameters) translated.append(key, translateParameter(key, value, from, to));
  return translated.toString();
}

/** Rewrites `tenant_id` of the rows of a JSON body. Answers the same text where there is nothing to do. */
export function translateBody(body: string, from: string, to: string): string {
  if (from === to || !containsId(body, from)) return body;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return body;
  }
  const rows = Array.isArray(parsed) ? parsed : [parsed];
  for (const row of rows) {
    if (isRecord(row) && sameId(row.tenant_id, from)) row.tenant_id = to;
  }
  return JSON.stringify(parsed);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is this UUID, in whatever case. */
export function sameId(value: unknown, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id;
}

function containsId(text: string, id: string): boolean {
  return text.includes(id) || text.toLowerCase().includes(id);
}

const LOGICAL = /(^|\.)(and|or)$/;
const TENANT_CONDITION = /(^|[(,.])tenant_id\.(?:not\.)?[a-z]+(?:\([a-z]+\))?\.(?:\([^)]*\)|[^,)]*)/g;

function translateParameter(key: string, value: string, from: string, to: string): string {
  const ids = new RegExp(from, 'gi');
  if (key === 'tenant_id' || key.endsWith('.tenant_id')) return value.replace(ids, to);
  if (LOGICAL.test(key)) return value.replace(TENANT_CONDITION, (condition) => condition.replace(ids, to));
  return value;
}
