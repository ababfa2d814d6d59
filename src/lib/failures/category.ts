/** What kind of failure an error is. Everything that must be decided about an error alike follows from it. */
export type Category =
  /** What was sent is malformed, incomplete or not allowed; sending the same again fails again. */
  | 'invalid'
  /** No valid proof of who sent it. */
  | 'unauthenticated'
  /** The sender is known, but lacks the permission. */
  | 'forbidden'
  | 'not-found'
  /** The state of the record does not permit it: taken, changed meanwhile, already done. */
  | 'conflict'
  /** A limit or a queue is full; it succeeds later. */
  | 'busy'
  /** The tenant is being moved or set up; it succeeds within moments. */
  | 'moving'
  /** A database or a service cannot be used now. */
  | 'unavailable'
  /** No answer in time. */
  | 'timeout'
  /** A fault of Marquee or of its configuration. */
  | 'internal';

interface HttpAnswer {
  status: number;
  /** Seconds in the `Retry-After` header; absent if a retry does not help. */
  retryAfter?: number;
}

/** The one table from categories to HTTP. */
export const HTTP: Readonly<Record<Category, HttpAnswer>> = {
  invalid: { status: 422 },
  unauthenticated: { status: 401 },
  forbidden: { status: 403 },
  'not-found': { status: 404 },
  conflict: { status: 409 },
  busy: { status: 429, retryAfter: 5 },
  moving: { status: 503, retryAfter: 1 },
  unavailable: { status: 503, retryAfter: 5 },
  timeout: { status: 504 },
  internal: { status: 500 },
};

/**
 * More specific statuses than that of the category: the request is unreadable (400), too large (413), of a refused type (415),
 * for another host (421); the thing is gone for good (410); the server, not the client, is the one at its limit (503); what answered
 * is not what was expected (502). An error declares one where it applies.
 */
export const EXACT_STATUSES: Readonly<Partial<Record<Category, readonly number[]>>> = {
  invalid: [400, 405, 406, 413, 415, 416, 421],
  'not-found': [410],
  busy: [503],
  unavailable: [502],
};

/** The one table from categories to exit codes of the command line. 0 is success, 2 wrong usage, 70 a crash (sysexits). */
export const EXIT_CODES: Readonly<Record<Category, number>> = {
  invalid: 1,
  unauthenticated: 1,
  forbidden: 1,
  'not-found': 3,
  conflict: 1,
  busy: 4,
  moving: 4,
  unavailable: 4,
  timeout: 4,
  internal: 1,
};

/** Categories in which the same call may succeed later without any change. */
const TRANSIENT: ReadonlySet<Category> = new Set(['busy', 'moving', 'unavailable', 'timeout']);

export function isTransientCategory(category: Category): boolean {
  return TRANSIENT.has(category);
}

/** The category of an error that only has an HTTP status: PostgREST's, or another server's. */
export function categoryOfStatus(status: number): Category {
  const category = (Object.keys(HTTP) as Category[]).find((one) => HTTP[one].status === status);
  if (status === 503) return 'unavailable';
  return category ?? exactCategory(status) ?? (status < 500 ? 'invalid' : 'internal');
}

function exactCategory(status: number): Category | undefined {
  const all = Object.entries(EXACT_STATUSES) as [Category, readonly number[]][];
  return all.find(([, statuses]) => statuses.includes(status))?.[0];
}

interface UserText {
  message: string;
  hint: string;
}

/** The text for end users if an error's own message is for operators. */
export const USER_TEXTS: Readonly<Record<Category, UserText>> = {
  invalid: { message: 'This request cannot be carried out.', hint: 'Check what you entered.' },
  unauthenticated: { message: 'You are not signed in.', hint: 'Sign in again.' },
  forbidden: { message: 'You are not permitted to do this.', hint: 'Ask an administrator of your company.' },
  'not-found': { message: 'This does not exist.', hint: 'Go back and reload the page.' },
  conflict: { message: 'This cannot be done at the moment.', hint: 'Reload the page and check its state.' },
  busy: { message: 'There are too many requests at the moment.', hint: 'Try again in a few seconds.' },
  moving: {
    message: 'The data of your company is being moved to another database.',
    hint: 'Try again in a few seconds.',
  },
  unavailable: {
    message: 'The data of your company cannot be reached right now.',
    hint: 'Try again in a minute.',
  },
  timeout: { message: 'The request took too long.', hint: 'Try again, or ask for less at once.' },
  internal: {
    message: 'Something went wrong on our side.',
    hint: 'Try again. If it happens again, tell support.',
  },
};
