// The errors of a request, by PostgREST's codes; and those of serving a database, by Marquee's.
import { categoryOfStatus, declareFailures, MarqueeError } from '@/lib/failures';
import type { ResponseError } from './contract';

const REST_FAILURES = declareFailures('rest', 'operator', {
  request_too_large: {
    category: 'invalid',
    audience: 'user',
    means: 'The request has more filters, rows or levels than it may have.',
    hint: 'Send several smaller requests.',
  },
  rest_configuration_invalid: {
    category: 'invalid',
    means: 'A setting of marquee rest, or its file, is not valid.',
    hint: 'marquee rest --help lists the variables; the names and values are PostgREST’s.',
  },
  connection_string_invalid: {
    category: 'invalid',
    means: 'The connection string of marquee rest cannot be read.',
    hint: 'Write postgresql://user:password@host:5432/database or host=… dbname=….',
  },
  jwt_secret_invalid: {
    category: 'invalid',
    means: 'The JWT secret of marquee rest is too short, or a key in it cannot be used.',
    hint: 'Make one with: openssl rand -base64 32',
  },
  role_claim_path_invalid: {
    category: 'invalid',
    means: 'The setting jwt-role-claim-key is not a path to the role in a token’s claims.',
    hint: 'Write a JSON Path (RFC 9535) such as $.role.',
  },
  schema_missing: {
    category: 'not-found',
    means: 'The database does not have the schema to generate types from.',
    hint: 'Name existing schemas with --schema.',
  },
  database_lost: {
    category: 'unavailable',
    means: 'The process lost its database and was told not to wait for it.',
    hint: 'With db-pool-automatic-recovery the process waits for it and connects again.',
  },
  login_refused: {
    category: 'unavailable',
    means: 'The database refuses the login of marquee rest.',
    hint: 'Check user, password and database in PGRST_DB_URI, and pg_hba.conf.',
  },
});

/** An error about the configuration or the database of what is served, not about one request. */
export class RestError extends MarqueeError<keyof typeof REST_FAILURES> {}

export type ErrorDetails = ResponseError['details'];

/** A request that is answered with an error. `code` is PostgREST's or the SQLSTATE; `status` the HTTP status. */
export class EngineError extends MarqueeError {
  readonly details: ErrorDetails;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Instead of the status' usual reason phrase. */
  readonly statusText: string | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    more: {
      details?: ErrorDetails;
      hint?: string | null | undefined;
      headers?: readonly (readonly [name: string, value: string])[];
      statusText?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    const { hint, cause } = more;
    super(code, message, { hint: hint ?? undefined, cause }, { status, category: categoryOfStatus(status) });
    this.details = more.details ?? null;
    this.headers = more.headers ?? [];
    this.statusText = more.statusText;
  }
}

/** The body of an error. */
export function errorContent(
  error: EngineError,
  verbosity: 'verbose' | 'minimal' = 'verbose',
): ResponseError {
  const { code, message, details, hint = null } = error;
  return verbosity === 'minimal' ? { code, message } : { code, details, hint, message };
}

export function queryParameterError(message: string, details: string): EngineError {
  return new EngineError('PGRST100', 400, message, { details });
}

/** A request nested so deeply that it overflows the stack. */
export function nestingError(): EngineError {
  return queryParameterError(
    'The request is nested too deeply',
    'Embed or group fewer levels in each other.',
  );
}

/** Refused before it is sent to PostgreSQL. @param key the limit's name in `connection_pool_config` */
export function requestTooLargeError(message: string, key: string): EngineError {
  return new EngineError('request_too_large', 422, message, {
    hint: `Ask in several requests, or have ${key} raised.`,
  });
}

export function resultTooLargeError(): EngineError {
  return new EngineError('result_too_large', 413, 'The answer has more rows or bytes than allowed', {
    hint: 'Ask for fewer rows (limit, filters), or for fewer columns and embedded resources (select).',
  });
}

export function callMethodError(method: string): EngineError {
  return new EngineError('PGRST101', 405, `Cannot use the ${method} method on RPC`);
}

export function bodyError(message: string): EngineError {
  return new EngineError('PGRST102', 400, message);
}

export function rangeError(details: string): EngineError {
  return new EngineError('PGRST103', 416, 'Requested range not satisfiable', { details });
}

export function upsertFilterError(): EngineError {
  return new EngineError(
    'PGRST105',
    405,
    "Filters must include all and only primary key columns with 'eq' operators",
  );
}

export function schemaError(schema: string, schemas: readonly string[]): EngineError {
  return new EngineError('PGRST106', 406, `Invalid schema: ${schema}`, {
    hint: `Only the following schemas are exposed: ${schemas.join(', ')}`,
  });
}

export function mediaTypeError(message: string): EngineError {
  return new EngineError('PGRST107', 406, message);
}

/** @param alias what the resource is called instead, where it is embedded under an alias */
export function notEmbeddedError(name: string, alias?: string): EngineError {
  return new EngineError('PGRST108', 400, `'${name}' is not an embedded resource in this request`, {
    ...(alias !== undefined && {
      details: 'Target names are not allowed in filters if they have an alias',
    }),
    hint:
      alias === undefined
        ? `Verify that '${name}' is included in the 'select' query parameter.`
        : `Change '${name}' to '${alias}' in filters, orders or limits.`,
  });
}

export function responseHeadersError(): EngineError {
  return new EngineError(
    'PGRST111',
    500,
    'response.headers guc must be a JSON array composed of objects with a single key and a string value',
  );
}

export function responseStatusError(): EngineError {
  return new EngineError('PGRST112', 500, 'response.status guc must be a valid status code');
}

export function upsertRangeError(): EngineError {
  return new EngineError('PGRST114', 400, 'limit/offset querystring parameters are not allowed for PUT');
}

export function upsertKeyError(): EngineError {
  return new EngineError('PGRST115', 400, 'Payload values do not match URL in primary key column(s)');
}

export function singularityError(rows: number): EngineError {
  return new EngineError('PGRST116', 406, 'Cannot coerce the result to a single JSON object', {
    details: `The result contains ${rows} rows`,
  });
}

export function methodError(method: string): EngineError {
  return new EngineError('PGRST117', 405, `Unsupported HTTP method: ${method}`);
}

export function relatedOrderError(origin: string, target: string): EngineError {
  return new EngineError('PGRST118', 400, `A related order on '${target}' is not possible`, {
    details: `'${origin}' and '${target}' do not form a many-to-one or one-to-one relationship`,
  });
}

export function preferencesError(invalid: readonly string[]): EngineError {
  return new EngineError('PGRST122', 400, 'Invalid preferences given with handling=strict', {
    details: `Invalid preferences: ${invalid.join(', ')}`,
  });
}

export function aggregatesError(): EngineError {
  return new EngineError('PGRST123', 400, 'Use of aggregate functions is not allowed');
}

export function catalogTypeError(type: string): EngineError {
  return new EngineError('42501', 403, `Casting to ${type} is not allowed`, {
    hint: 'Types of the catalogs show names of the whole database server. Cast to text, numeric, date and the like.',
  });
}

export function catalogColumnError(column: string): EngineError {
  return new EngineError('42501', 403, `The system column ${column} cannot be used`, {
    hint: 'Select, filter and order by the columns of the table.',
  });
}

export function maxAffectedError(rows: number): EngineError {
  return new EngineError('PGRST124', 400, 'Query result exceeds max-affected preference constraint', {
    details: `The query affects ${rows} rows`,
  });
}

export function pathError(): EngineError {
  return new EngineError('PGRST125', 404, 'Invalid path specified in request URL');
}

export function rootDisabledError(): EngineError {
  return new EngineError('PGRST126', 404, 'Root endpoint metadata is disabled');
}

export function notImplementedError(details: string): EngineError {
  return new EngineError('PGRST127', 400, 'Feature not implemented', { details });
}

export function maxAffectedCallError(): EngineError {
  return new EngineError(
    'PGRST128',
    400,
    'Function must return SETOF or TABLE when max-affected preference is used with handling=strict',
  );
}
