// Where in the claims the role stands: `.role`, `.app."some role"`, `.roles[0]`, `.roles[?(@ ^== "api_")]`, `.role[4:]`.
import { MarqueeError } from '@/lib/errors';

type Step =
  | { key: string }
  | { index: number }
  | { from: number; to: number | undefined }
  | { operator: '==' | '!=' | '^==' | '==^' | '*=='; value: string };
export type ClaimPath = readonly Step[];

const STEP =
  /\.(?:"([^"]*)"|([\p{L}\p{N}_$@-]+))|\[(\d+)\]|\[\?\(@\s*(==\^|\^==|\*==|==|!=)\s*"([^"]*)"\s*\)\]|\[(-?\d*):(-?\d*)\]/uy;

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
    const [, quoted, plain, index, operator, value = '', from, to] = match;
    const key = quoted ?? plain;
    if (key !== undefined) steps.push({ key });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (operator !== undefined) steps.push({ operator: operator as '==', value });
    else steps.push({ from: Number(from), to: to ? Number(to) : undefined });
    if (STEP.lastIndex === text.length) return steps;
  }
  throw new MarqueeError(
    'role_claim_path_invalid',
    `"${text}" is not a path to the role in a token's claims.`,
    {
      hint: 'Write .role, .nested."with space", .roles[0], .roles[?(@ == "name")] or .role[4:].',
    },
  );
}

/** The path as text, in one way only. */
export function claimPathText(path: ClaimPath): string {
  return path
    .map((step) => {
      if ('key' in step) return `."${step.key}"`;
      if ('index' in step) return `[${step.index}]`;
      if ('from' in step) return `[${step.from || ''}:${step.to ?? ''}]`;
      return `[?(@ ${step.operator} "${step.value}")]`;
    })
    .join('');
}

/** What stands at the path; undefined where there is nothing. */
export function claimAt(claims: unknown, path: ClaimPath): unknown {
  let value = claims;
  for (const step of path) {
    if ('key' in step) value = isObject(value) ? value[step.key] : undefined;
    else if ('from' in step)
      value = (typeof value === 'string' && value.slice(step.from, step.to)) || undefined;
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
