// Calls: which overload is called, and how its arguments are passed.
import type { Payload } from '../api-request/payload';
import { EngineError } from '../errors';
import { objectKey, type QualifiedName, type Routine, type SchemaCache } from '../schema-cache';
import { ALMOST_THE_NAME, closest } from './fuzzy';
import { neededColumns } from './mutate-plan';
import type { CallArguments, CallPlan, PlannedCondition, ReadNode } from './types';

export interface CallRequest {
  name: QualifiedName;
  /** Names of the arguments. */
  keys: ReadonlySet<string>;
  mediaType: string;
  isPost: boolean;
}

/** @throws EngineError PGRST202 there is none, PGRST203 there are several */
export function findRoutine(cache: SchemaCache, request: CallRequest): Routine {
  const overloads = cache.routines.get(objectKey(request.name)) ?? [];
  const byName = overloads.filter((routine) => takesArguments(routine, request));
  const candidates = byName.length > 0 ? byName : overloads.filter((routine) => takesBody(routine, request));
  const [routine] = candidates;
  if (!routine) throw missing(cache, overloads, request);
  if (candidates.length > 1) throw ambiguous(candidates);
  return routine;
}

const WHOLE_BODY_TYPES: Readonly<Record<string, readonly string[]>> = {
  'application/json': ['json', 'jsonb'],
  'text/plain': ['text'],
  'text/xml': ['xml'],
  'application/octet-stream': ['bytea'],
};

function isWholeBody(mediaType: string): boolean {
  return mediaType !== 'application/json' && Object.hasOwn(WHOLE_BODY_TYPES, mediaType);
}

function takesArguments({ parameters }: Routine, { keys, isPost, mediaType }: CallRequest): boolean {
  if (parameters.length === 0) return keys.size === 0 && !(isPost && isWholeBody(mediaType));
  const known = new Set(parameters.map((parameter) => parameter.name));
  return (
    [...keys].every((key) => known.has(key)) &&
    parameters.every((parameter) => !parameter.required || keys.has(parameter.name))
  );
}

function takesBody({ parameters }: Routine, { isPost, mediaType }: CallRequest): boolean {
  const [only, ...others] = parameters;
  if (!isPost || !only || only.name !== '' || others.length > 0) return false;
  return WHOLE_BODY_TYPES[mediaType]?.includes(only.type) ?? false;
}

function missing(cache: SchemaCache, overloads: readonly Routine[], request: CallRequest): EngineError {
  const { name, mediaType, isPost } = request;
  const keys = [...request.keys].sort();
  const called = `${name.schema}.${name.name}`;
  const wholeBody = isPost && isWholeBody(mediaType);
  const parameters = keys.length === 0 ? ' without parameters' : `(${keys.join(', ')})`;
  const [bodyType] = WHOLE_BODY_TYPES[mediaType] ?? [];
  const named =
    keys.length === 0
      ? ' without parameters'
      : ` with parameter${keys.length > 1 ? 's' : ''} ${keys.join(', ')}`;
  const orBody =
    isPost && mediaType === 'application/json' ? ' or with a single unnamed json/jsonb parameter' : '';
  const searched = wholeBody ? ` with a single unnamed ${bodyType} parameter` : `${named}${orBody}`;
  return new EngineError(
    'PGRST202',
    404,
    `Could not find the function ${called}${wholeBody ? '' : parameters} in the schema cache`,
    {
      details: `Searched for the function ${called}${searched}, but no matches were found in the schema cache.`,
      hint: wholeBody ? undefined : suggestion(cache, overloads, name, keys),
    },
  );
}

function suggestion(
  cache: SchemaCache,
  overloads: readonly Routine[],
  name: QualifiedName,
  keys: readonly string[],
): string | undefined {
  const found =
    overloads.length === 0
      ? closest(
          [...cache.routines.values()].flatMap(([routine]) =>
            routine?.schema === name.schema ? [routine.name] : [],
          ),
          name.name,
          ALMOST_THE_NAME,
        )
      : withName(
          name.name,
          closest(
            overloads.map(({ parameters }) => listed(parameters.map((parameter) => parameter.name))),
            listed(keys),
          ),
        );
  return found && `Perhaps you meant to call the function ${name.schema}.${found}`;
}

function withName(name: string, parameters: string | undefined): string | undefined {
  return parameters && `${name}${parameters}`;
}

function listed(names: readonly string[]): string {
  return `(${[...names].sort().join(', ')})`;
}

function ambiguous(candidates: readonly Routine[]): EngineError {
  const described = candidates.map(
    ({ schema, name, parameters }) =>
      `${schema}.${name}(${parameters.map((parameter) => `${parameter.name} => ${parameter.type}`).join(', ')})`,
  );
  return new EngineError(
    'PGRST203',
    300,
    `Could not choose the best candidate function between: ${described.join(', ')}`,
    {
      hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
    },
  );
}

/** The relation whose rows a function returns, or the function itself. */
export function rowsOf(routine: Routine): QualifiedName {
  const { composite, type } = routine.result;
  return { schema: routine.schema, name: composite ? type.name : routine.name };
}

export function planCall(
  routine: Routine,
  root: ReadNode,
  handler: CallPlan['handler'],
  { keys, how, payload }: { keys: ReadonlySet<string>; how: CallPlan['how']; payload: Payload | undefined },
): CallPlan {
  return {
    kind: 'call',
    routine,
    how,
    root,
    handler,
    arguments: argumentsOf(routine, keys, how, payload),
    isObject: payload?.isObject ?? false,
    returning: neededColumns(root, []),
    filterFields: fieldsOf(root),
    readOnly: how !== 'post' || routine.volatility !== 'volatile',
  };
}

function argumentsOf(
  { parameters }: Routine,
  keys: ReadonlySet<string>,
  how: CallPlan['how'],
  payload: Payload | undefined,
): CallArguments {
  const [only] = parameters;
  if (only && parameters.length === 1 && only.name === '') return { kind: 'body', parameter: only };
  const given = parameters.filter((parameter) => keys.has(parameter.name));
  return { kind: how === 'post' && !payload?.form ? 'json' : 'direct', parameters: given };
}

function fieldsOf(node: ReadNode): string[] {
  const named = (condition: PlannedCondition): string[] => {
    switch (condition.kind) {
      case 'filter':
        return [condition.field.name];
      case 'logic':
        return condition.children.flatMap(named);
      case 'embed-null':
        return [];
    }
  };
  const ordered = node.order.flatMap(({ relation, field }) => (relation === undefined ? [field.name] : []));
  return [...new Set([...node.where.flatMap(named), ...ordered])];
}
