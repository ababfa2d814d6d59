// Finds statements that cannot change the claims they run with. For these the database does not check the seal of the claims for each
// table that the statement names, which took 15 to 30 µs each.
import type { Statement } from '@/lib/postgres';
import { memoizeByText } from './memoize-by-text';

/** If a statement's text begins with this mark, `tenancy.current_tenant` trusts the claims that `tenancy.enter` has set in the same flush. */
export const CLAIMS_KEPT = '/* marquee */ ';

const marked = memoizeByText((text) => ({ text: CLAIMS_KEPT + text, ofDevelopers: callsNoFunction(text) }));

/**
 * Adds the mark to a statement that cannot change its claims, and returns any other unchanged.
 *
 * @param from who wrote the SQL. The data engine's SQL calls no function that could change claims
 */
export function withClaimsKept(statement: Statement, from: 'engine' | 'developers'): Statement {
  const { text, ofDevelopers } = marked(statement.text);
  return from === 'engine' || ofDevelopers ? { ...statement, text } : statement;
}

/**
 * Whether a text is a SELECT that provably calls no function, so that it cannot set claims. A call needs a parenthesis, as does
 * `(value).function`; `array[1].function` and `$1.function` need none. Comments and quoted names are not accepted, since they could hide a
 * call.
 */
export function callsNoFunction(text: string): boolean {
  return /^\s*select\s/i.test(text) && !/[([\]"\\;]|--|\/\*|\$\d+\s*\./.test(text);
}
