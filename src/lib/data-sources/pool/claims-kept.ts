// Which statements cannot change the claims they run with. The database then need not check the claims' seal for each table that the
// statement names: that took 15 to 30 µs each.
import type { Statement } from '@/lib/postgres';
import { memoizeByText } from './memoize-by-text';

/** Where a statement's text begins so, `tenancy.current_tenant` takes the claims as `tenancy.enter` has set them in the same flush. */
export const CLAIMS_KEPT = '/* marquee */ ';

const marked = memoizeByText((text) => ({ text: CLAIMS_KEPT + text, ofDevelopers: callsNoFunction(text) }));

/**
 * The statement with the mark, where it cannot change its claims.
 *
 * @param from whose SQL it is: the data engine's calls no function that could
 */
export function withClaimsKept(statement: Statement, from: 'engine' | 'developers'): Statement {
  const { text, ofDevelopers } = marked(statement.text);
  return from === 'engine' || ofDevelopers ? { ...statement, text } : statement;
}

/**
 * Whether a text is a SELECT that provably calls no function, so that it cannot set claims. A call needs a parenthesis, and so
 * does `(value).function`; `array[1].function` and `$1.function` do not. Neither comments nor quoted names are accepted, which
 * could hide one.
 */
export function callsNoFunction(text: string): boolean {
  return /^\s*select\s/i.test(text) && !/[([\]"\\;]|--|\/\*|\$\d+\s*\./.test(text);
}
