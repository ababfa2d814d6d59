import { type Category, HTTP, isTransientCategory, USER_TEXTS } from './category';

/** What is true of every error with one code. */
export interface FailureDefinition {
  category: Category;
  /** When it is raised, for the reference of codes: one sentence. */
  means: string;
  /** What the reader can do next, where the place that raises it does not say so more exactly. */
  hint?: string;
  /**
   * Who may read the message. `operator`: it may name data sources, hosts, ids and settings, and end users read `userText`
   * instead. Default: the catalogue's.
   */
  audience?: Audience;
  /** For end users, where the category's own text says too little. */
  userText?: { message: string; hint: string };
  /** An exact HTTP status (`EXACT_STATUSES`) instead of the category's. */
  status?: number;
  /** Seconds, instead of the category's. */
  retryAfter?: number;
}

export type Audience = 'user' | 'operator';

interface Registered extends FailureDefinition {
  room: string;
  audience: Audience;
}

const registry = new Map<string, Registered>();

/**
 * Declares the codes of one room's errors, in that room's `errors.ts`. A code belongs to one room.
 *
 * @param audience who reads these errors, unless a code says otherwise
 */
export function declareFailures<Code extends string>(
  room: string,
  audience: Audience,
  definitions: Record<Code, FailureDefinition>,
): Record<Code, FailureDefinition> {
  for (const [code, definition] of Object.entries<FailureDefinition>(definitions)) {
    const other = registry.get(code);
    if (other) throw new Error(`The error code ${code} is declared twice: in ${other.room} and in ${room}.`);
    registry.set(code, { audience, ...definition, room });
  }
  return definitions;
}

/** Every declared code of the rooms that are loaded. */
export function declaredFailures(): ReadonlyMap<string, Readonly<Registered>> {
  return registry;
}

/** Further properties of one error. */
export interface FailureDetails {
  /** What the reader can do next, one sentence. */
  hint?: string | undefined;
  /** The error underneath. Never shown; its message may carry what ours must not. */
  cause?: unknown;
  /** Seconds after which trying again makes sense: the `Retry-After` header. */
  retryAfterSeconds?: number | undefined;
}

/** Describes an error whose code is not Marquee's own: a SQLSTATE, or PostgREST's. */
export interface ForeignCode {
  category: Category;
  status: number;
}

/**
 * The base of every error that Marquee raises on purpose.
 *
 * `code` is stable and may be matched on; its category decides the HTTP status and the exit code. `message` says what happened and to
 * what, `hint` what to do next, for the operator; `forUser` gives what an end user may read. None of them carries a credential.
 * Rooms derive their own classes and declare their codes with `declareFailures`.
 */
export class MarqueeError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly category: Category;
  readonly hint: string | undefined;
  /** The HTTP status of an answer that reports this error. */
  readonly status: number;
  /** Whole seconds; undefined if a retry does not help. */
  readonly retryAfterSeconds: number | undefined;
  /** Who may read `message` and `hint`. */
  readonly audience: Audience;

  constructor(code: Code, message: string, details: FailureDetails = {}, foreign?: ForeignCode) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const definition = registry.get(code);
    this.name = new.target.name;
    this.code = code;
    this.category = foreign?.category ?? definition?.category ?? 'internal';
    this.hint = details.hint ?? definition?.hint;
    this.status = foreign?.status ?? definition?.status ?? HTTP[this.category].status;
    const seconds = details.retryAfterSeconds ?? definition?.retryAfter ?? HTTP[this.category].retryAfter;
    this.retryAfterSeconds = seconds === undefined ? undefined : Math.max(1, Math.ceil(seconds));
    this.audience = foreign ? 'user' : (definition?.audience ?? 'operator');
  }

  /** Whether the same call may succeed later without any change. */
  get transient(): boolean {
    return isTransientCategory(this.category);
  }

  /** This error with another text: what catches it still finds its class, code and hint. */
  withMessage(message: string): this {
    const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
    return Object.assign(copy, { message, cause: this });
  }

  /** What an end user reads: this error's own text, or a plainer one where it is for operators. */
  forUser(): { message: string; hint: string | undefined } {
    if (this.audience === 'user') return { message: this.message, hint: this.hint };
    return registry.get(this.code)?.userText ?? USER_TEXTS[this.category];
  }
}
