// Where in the claims the role stands: `.role`, `.app."some role"`, `.roles[0]`, `.roles[?(@ ^== "api_")]`.
import { MarqueeError } from '@/lib/errors';

type Step =
  | { key: string }
  | { index: number }
  | { operator: '==' | '!=' | '^==' | '==^' | '*=='; value: string };
export type ClaimPath = readonly Step[];

const STEP =
  /\.(?:"([^"]*)"|([\p{L}\p{N}_$@-]+))|\[(\d+)\]|\[\?\(@\s*(==\^|\^==|\*==|==|!=)\s*"([^"]*)"\s*\)\]/uy;

/**
 * Reads a path into the claims.
 *
 * @throws MarqueeError `role_claim_path_invalid`
 */
export function parseClaimPath(text: string): ClaimPath {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) break;
    const [, quoted, plain, index, operator, value = ''] = match;
    const key = quoted ?? plain;
    if (key !== undefined) steps.push({ key });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else steps.push({ operator: operator as '==', value });
    if (STEP.lastIndex === text.length) return steps;
  }
  throw new MarqueeError(
    'role_claim_path_invalid',
    `"${text}" is not a path to the role in a token's claims.`,
    {
      hint: 'Write .role, .nested."with space", .roles[0] or .roles[?(@ == "name")].',
    },
  );
}

/** What stands at the path; undefined where there is nothing. */
export function claimAt(claims: unknown, path: ClaimPath): unknown {
  let value = claims;
  for (const step of path) {
    if ('key' in step) value = isObject(value) ? value[step.key] : undefined;
    else if (!Array.isArray(value)) return undefined;
    else if ('index' in step) value = value[step.index];
    else value = value.find((item) => typeof item === 'string' && matches(item, step.operator, step.value));
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
