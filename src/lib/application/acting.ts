// Who acts in this request or job, for the records of changes whose call does not say it.
import { AsyncLocalStorage } from 'node:async_hooks';

/** Who changes something, for the audit log. */
export interface Author {
  /** `user:<id>`, `key:<id>`, `cli:<system user>@<host>`, `system:<job>`. */
  actor: string;
  requestId?: string;
  /** The client's IP address, where there is one. */
  address?: string;
}

const acting = new AsyncLocalStorage<{ author?: Author }>();

/**
 * Runs `work` on behalf of an author, to whom changes without an author of their own are attributed.
 *
 * @param as its `author` may be set later, while `work` is done
 */
export function actAs<T>(as: { author?: Author }, work: () => T): T {
  return acting.run(as, work);
}

/** Who acts, within `actAs`. */
export function actingAuthor(): Author | undefined {
  return acting.getStore()?.author;
}
