// Where in the claims the role stands: a JSON Path (RFC 9535) such as `$.role`, `$.roles[0]` or
// `$.roles[?search(@, '^api_')]`, or PostgREST's own syntax before version 16: `.role`, `.app."some role"`, `.roles[0]`,
// `.roles[?(@ ^== "api_")]`, `.role[4:]`.

import { type JSONPathQuery, type JSONValue, jsonpath } from 'json-p3';
import { RestError } from '../../errors';
import { isObject } from '../../json-object';

type Step =
  | { key: string }
  | { index: number }
  | { from: number; to: number | undefined }
  | { operator: '==' | '!=' | '^==' | '==^' | '*=='; value: string };
export interface ClaimPath {
  /** As it was given. */
  text: string;
  steps: readonly Step[] | JSONPathQuery;
}

const STEP =
  /\.(?:"([^"]*)"|([\p{L}\p{N}_$@-]+))|\[(\d+)\]|\[\?\(@\s*(==\^|\^==|\*==|==|!=)\s*"([^"]*)"\s*\)\]|\[(-?\d*):(-?\d*)\]/uy;

/**
 * Reads a path into the claims.
 *
 * @throws RestError `role_claim_path_invalid`
 */
export function parseClaimPath(text: string): ClaimPath {
  return { text, steps: text.startsWith('$') ? parseJsonPath(text) : parseSteps(text) };
}

function parseJsonPath(text: string): JSONPathQuery {
  try {
    return jsonpath.compile(text);
  } catch (cause) {
    throw invalidPath(text, cause);
  }
}

function parseSteps(text: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) break;
    const [, quoted, plain, index, operator, value = '', from, to] = match;
    const key = quoted ?? plain;
    if (key !== undefined) steps.push({ key });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (operator !== undefined) steps.push({ operator: operator as '==', value });
    else steps.push({ from: Number(from), to: to ? Number(to) : undefined });
    if (STEP.lastIndex === text.length) return steps;
  }
  throw invalidPath(text);
}

function invalidPath(text: string, cause?: unknown): RestError {
  return new RestError(
    'role_claim_path_invalid',
    `"${text}" is not a path to the role in a token's claims.`,
    {
      hint: `Write a JSON Path (RFC 9535): $.role, $.roles[0], $['with space'].role, $.roles[?search(@, '^api_')].`,
      ...(cause !== undefined && { cause }),
    },
  );
}

/** What stands at the path, the first of several; undefined where there is nothing. */
export function claimAt(claims: unknown, { steps }: ClaimPath): unknown {
  if ('query' in steps) return steps.match(claims as JSONValue)?.value;
  let value = claims;
  for (const step of steps) {
    if ('key' in step) value = isObject(value) ? value[step.key] : undefined;
    else if ('from' in step)
      value = (typeof value === 'string' && value.slice(step.from, step.to)) || undefined;
    else if (!Array.isArray(value)) return undefined;
    else if ('index' in step) value = value[step.index];
    else value = value.find((item) => typeof item === 'string' && matches(item, step.operator, step.value));
  }
  return value;
}

function matches(item: string, operator: '==' | '!=' | '^==' | '==^' | '*==', value: string): boolean {
  switch (operator) {
    case '==':
      return item === value;
    case '!=':
      return item !== value;
    case '^==':
      return item.startsWith(value);
    case '==^':
      return item.endsWith(value);
    case '*==':
      return item.includes(value);
  }
}
