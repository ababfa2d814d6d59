// What one request fills into its plan, and the shape that finds the plan.
import type { EngineRequest } from '../contract';
import { upsertRangeError } from '../errors';
import { type Payload, readPayload } from './payload';
import type { Preferences } from './preferences';
import { readColumns } from './query-parameters';
import type { LiftedQuery, RequestedRange } from './query-string';
import { ALL_ROWS, isAllRows, type RowRange, restricted, topLevelRange } from './ranges';
import type { Target } from './target';

/** What the rows of each level may add up to. */
export interface ResultLimits {
  /** As JSON. */
  maxResultBytes: number;
  maxResultRows: number;
}

/** What one request may ask for, and how large its answer may be. */
export interface RequestLimits extends ResultLimits {
  /** Resources embedded, at all levels together. */
  maxEmbedded: number;
  /** Levels of embedding. */
  maxEmbedDepth: number;
  /** Columns named, at all levels together. */
  maxSelected: number;
}

/**
 * A value that is known of all rows a request may see, such as whose they are. Each scan of a relation with this column gets
 * the condition, so that the planner knows the value. It replaces no policy.
 */
export interface FixedFilter {
  column: string;
  value: string;
}

/** Plain rows are not measured up to this number: it would cost more than it could save. */
const TINY_ROWS = 25;
const FEW_ROWS = 100;
const SHORT_ROWS = 1000;
const DEEP_OFFSET = 1000;

export interface RequestValues {
  literals: readonly string[];
  /** The root's, after the Range header. */
  topLevel: RowRange;
  ranges: ReadonlyMap<string, RequestedRange>;
  maxRows: number | undefined;
  limits: ResultLimits | undefined;
  fixed: FixedFilter | undefined;
  /** Of the Content-Type, without parameters. */
  mediaType: string;
  payload: Payload | undefined;
  /** A function's, in the order given. */
  arguments: readonly (readonly [name: string, value: string])[];
}

/** @throws EngineError PGRST100, PGRST102, PGRST103, PGRST114 */
export function readValues(
  request: EngineRequest,
  target: Target,
  query: LiftedQuery,
  maxRows: number | undefined,
  limits: ResultLimits | undefined,
  fixed: FixedFilter | undefined,
): RequestValues {
  const { action } = target;
  const header = request.method === 'GET' ? request.headers.range : undefined;
  const topLevel =
    header === undefined && query.ranges.size === 0 ? ALL_ROWS : topLevelRange(header, query.ranges.get(''));
  const isUpsert = action.kind === 'mutate' && action.mutation === 'upsert';
  if (isUpsert && !isAllRows(topLevel)) throw upsertRangeError();
  const mediaType = mediaTypeOf(request.headers['content-type']);
  const payload = takesBody(target)
    ? readPayload(request.body, {
        mediaType,
        isCall: action.kind === 'call',
        columns: isUpsert ? undefined : readColumns(query),
      })
    : undefined;
  return {
    literals: query.literals,
    topLevel,
    ranges: query.ranges,
    maxRows,
    limits,
    fixed,
    mediaType,
    payload,
    arguments: payload?.form ?? queryArguments(query),
  };
}

function queryArguments({ parameters, literals }: LiftedQuery): [string, string][] {
  return parameters.flatMap((parameter): [string, string][] =>
    parameter.kind === 'argument' ? [[parameter.key, literals[parameter.value.literal] ?? '']] : [],
  );
}

function takesBody({ action }: Target): boolean {
  if (action.kind === 'mutate') return action.mutation !== 'delete';
  return action.kind === 'call' && action.how === 'post';
}

/** `application/json` where none is given. */
function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return 'application/json';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** What a statement depends on of the root's range. */
export interface Page {
  /** At most 25 rows. */
  tiny: boolean;
  /** At most 100 rows. */
  few: boolean;
  /**
   * A small limit that is part of the statement: for one that it does not know the planner takes a tenth of all rows. Only with a
   * fixed filter, where statements are planned once for all values.
   */
  limit?: number;
  /** At most 1,000 rows. */
  short: boolean;
  fromFirst: boolean;
  /** Many rows come before it. */
  deep: boolean;
}

export function pageOf({ topLevel, maxRows, fixed }: RequestValues): Page {
  const { limit, offset } = restricted(topLevel, maxRows);
  return {
    tiny: limit !== null && limit <= TINY_ROWS,
    few: limit !== null && limit <= FEW_ROWS,
    ...(limit !== null && limit <= FEW_ROWS && fixed && { limit }),
    short: limit !== null && limit <= SHORT_ROWS,
    fromFirst: offset === 0,
    deep: offset >= DEEP_OFFSET,
  };
}

/** Requests of one shape are served by one plan. */
export function shapeOf(
  { method, headers }: EngineRequest,
  { name, action }: Target,
  { resolution, representation, count, missing, handling, invalid, maxAffected }: Preferences,
  query: LiftedQuery,
  values: RequestValues,
): string {
  const { payload, mediaType, fixed } = values;
  const { accept } = headers;
  const strict = handling === 'strict' ? `${maxAffected === undefined}${JSON.stringify(invalid)}` : '';
  const prefer = `${resolution}|${representation}|${count}|${missing}|${strict}`;
  const body = payload
    ? `${measured(mediaType)}${payload.isObject}|${payload.form !== undefined}|${JSON.stringify([...payload.keys])}`
    : '';
  const accepted = accept === undefined ? '' : measured(accept);
  return `${method} ${action.kind} ${name.schema}\0${measured(name.name)}${fixed?.column ?? ''}\0${accepted}\0${prefer}\0${body}\0${pageShape(values)}${query.shape}`;
}

/** A text that a client chose, with its length: whatever stands in it is no other part of the shape. */
function measured(text: string): string {
  return `${text.length}:${text}`;
}

function pageShape(values: RequestValues): string {
  if (isAllRows(values.topLevel)) return '';
  const { tiny, few, limit, short, fromFirst, deep } = pageOf(values);
  return `#${limit ?? ''}${[tiny, few, short].join()}${fromFirst ? '' : deep}`;
}
