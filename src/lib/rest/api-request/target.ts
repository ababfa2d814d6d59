// Path, method and profile → which action on which relation or function.
import type { EngineRequest } from '../contract';
import { callMethodError, methodError, pathError, rootDisabledError, schemaError } from '../errors';
import type { QualifiedName } from '../schema-cache';
import { decode } from './query-string';
import type { Action } from './types';

export interface Target {
  action: Action;
  /** The relation or function. */
  name: QualifiedName;
  /** One of several exposed schemas was chosen. */
  profiled: boolean;
}

/** @throws EngineError PGRST101, PGRST106, PGRST117, PGRST125, PGRST126 */
export function readTarget(
  request: EngineRequest,
  schemas: readonly string[],
  rootSpec: QualifiedName | undefined,
): Target {
  const { isCall, name } = readPath(request.path, rootSpec);
  const schema = readSchema(request, schemas);
  return {
    action: isCall ? callAction(request.method) : relationAction(request.method),
    name: { schema, name },
    profiled: schemas.length > 1 || profileOf(request) !== undefined,
  };
}

/** Whether a path names a function, however it is encoded. */
export function isCallPath(path: string): boolean {
  const [first, second] = segmentsOf(path);
  return first === 'rpc' && second !== undefined && second !== '';
}

/** Decoded. */
function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .slice(path.startsWith('/') ? 1 : 0)
    .map(decodeSegment);
}

function readPath(path: string, rootSpec: QualifiedName | undefined): { isCall: boolean; name: string } {
  const segments = segmentsOf(path);
  const [first = '', second] = segments;
  if (segments.length === 1 && first !== '') return { isCall: false, name: first };
  if (segments.length === 2 && first === 'rpc' && second) return { isCall: true, name: second };
  if (segments.length === 2 && first !== '' && second === '') return { isCall: false, name: first };
  if (first !== '' || segments.length > 1) throw pathError();
  if (rootSpec) return { isCall: true, name: rootSpec.name };
  throw rootDisabledError();
}

/** A plus sign is itself in a path. */
function decodeSegment(segment: string): string {
  return segment.includes('%') ? decode(segment.replaceAll('+', '%2B')) : segment;
}

const WRITES = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

function profileOf({ method, headers }: EngineRequest): string | undefined {
  return headers[WRITES.has(method) ? 'content-profile' : 'accept-profile'];
}

function readSchema(request: EngineRequest, schemas: readonly string[]): string {
  const profile = profileOf(request);
  if (profile === undefined) return schemas[0] ?? 'public';
  if (!schemas.includes(profile)) throw schemaError(profile, schemas);
  return profile;
}

function relationAction(method: string): Action {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'read', headersOnly: method === 'HEAD' };
    case 'POST':
      return { kind: 'mutate', mutation: 'create' };
    case 'PUT':
      return { kind: 'mutate', mutation: 'upsert' };
    case 'PATCH':
      return { kind: 'mutate', mutation: 'update' };
    case 'DELETE':
      return { kind: 'mutate', mutation: 'delete' };
    case 'OPTIONS':
      return { kind: 'info' };
  }
  throw methodError(method);
}

function callAction(method: string): Action {
  switch (method) {
    case 'GET':
      return { kind: 'call', how: 'get' };
    case 'HEAD':
      return { kind: 'call', how: 'head' };
    case 'POST':
      return { kind: 'call', how: 'post' };
    case 'OPTIONS':
      return { kind: 'call-info' };
  }
  throw callMethodError(method);
}
