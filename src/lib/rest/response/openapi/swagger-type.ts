// PostgreSQL's types in Swagger's words.

export type Json = { [key: string]: unknown };

const SCALARS: Record<string, string | undefined> = {
  'character varying': 'string',
  character: 'string',
  text: 'string',
  boolean: 'boolean',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  numeric: 'number',
  real: 'number',
  'double precision': 'number',
  json: undefined,
  jsonb: undefined,
};

const INTEGER_FORMATS: Record<string, string | undefined> = {
  smallint: 'int32',
  integer: 'int32',
  bigint: 'int64',
};

/** PostgreSQL's name, but for integers, whose formats Swagger names itself. */
function formatOf(type: string): string {
  return INTEGER_FORMATS[type] ?? type;
}

/** The Swagger type; undefined is "any". */
export function swaggerType(type: string): string | undefined {
  if (type in SCALARS) return SCALARS[type];
  return type.endsWith('[]') ? 'array' : 'string';
}

/** `type`, `format` and, for an array, `items`. */
export function typed(type: string): Json {
  const mapped = swaggerType(type);
  const items = mapped === 'array' ? { items: withoutEmpty({ type: swaggerType(type.slice(0, -2)) }) } : {};
  return withoutEmpty({ format: formatOf(type), type: mapped, ...items });
}

/** A parameter in the query: an array is written `{…}`, one of a variadic function is repeated. */
export function queryParameter(type: string, variadic: boolean): Json {
  if (!variadic) {
    const mapped = swaggerType(type);
    return { format: formatOf(type), type: mapped === undefined || mapped === 'array' ? 'string' : mapped };
  }
  const element = type.slice(0, -2);
  return {
    type: swaggerType(type) ?? 'string',
    items: withoutEmpty({ type: swaggerType(element), format: formatOf(element) }),
    collectionFormat: 'multi',
  };
}

/** The default of a column as a JSON value; undefined where it is an expression that only PostgreSQL can evaluate. */
export function defaultValue(type: string, expression: string): unknown {
  try {
    if (swaggerType(type) !== 'string') return JSON.parse(expression);
    const suffix = `::${type}`;
    if (!expression.endsWith(suffix)) return JSON.parse(`"${expression}"`);
    return JSON.parse(`"${expression.slice(0, -suffix.length).replace(/^'+|'+$/g, '')}"`);
  } catch {
    return undefined;
  }
}

/** Without the keys whose value is null or undefined. */
export function withoutEmpty(object: Json): Json {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** The first line is the summary, the rest (without blank lines before it) the description. */
export function summaryAndDescription(comment: string | null): { summary?: string; description?: string } {
  if (comment === null) return {};
  const end = comment.indexOf('\n');
  if (end < 0) return { summary: comment };
  const description = comment.slice(end).replace(/^\n+/, '');
  return { summary: comment.slice(0, end), ...(description && { description }) };
}
