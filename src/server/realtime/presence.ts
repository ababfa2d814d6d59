// Presence in a topic, across processes: each process announces its own members and forgets those of processes that stopped.

/** What was tracked, with the reference by which it leaves. */
export interface Meta {
  phx_ref: string;
  [name: string]: unknown;
}

/** By key, as `presence_state` is sent. */
export type PresenceState = Record<string, { metas: Meta[] }>;

export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

/** The presences of one topic, by announcing process and reference. */
export class Presence {
  readonly #byProcess = new Map<string, Map<string, { key: string; meta: Meta }>>();

  get isEmpty(): boolean {
    return this.#byProcess.size === 0;
  }

  /** How many this process announces. */
  count(process: string): number {
    return this.#byProcess.get(process)?.size ?? 0;
  }

  /** Presences of one process, or of all. */
  state(process?: string): PresenceState {
    const all =
      process === undefined ? [...this.#byProcess.values()] : [this.#byProcess.get(process) ?? new Map()];
    const state = emptyState();
    for (const presences of all) for (const { key, meta } of presences.values()) add(state, key, meta);
    return state;
  }

  /** @returns what that changes */
  apply(process: string, { joins, leaves }: PresenceDiff): PresenceDiff {
    const known = this.#byProcess.get(process) ?? new Map<string, { key: string; meta: Meta }>();
    const diff = { joins: emptyState(), leaves: emptyState() };
    for (const { metas } of Object.values(leaves)) {
      for (const { phx_ref } of metas) {
        const gone = known.get(phx_ref);
        if (gone) add(diff.leaves, gone.key, gone.meta);
        known.delete(phx_ref);
      }
    }
    for (const [key, { metas }] of Object.entries(joins)) {
      for (const meta of metas) {
        if (!known.has(meta.phx_ref)) add(diff.joins, key, meta);
        known.set(meta.phx_ref, { key, meta });
      }
    }
    if (known.size > 0) this.#byProcess.set(process, known);
    else this.#byProcess.delete(process);
    return diff;
  }

  /** Replaces all presences of a process. @returns the changes */
  replace(process: string, state: PresenceState): PresenceDiff {
    const refs = new Set(Object.values(state).flatMap(({ metas }) => metas.map(({ phx_ref }) => phx_ref)));
    const leaves = emptyState();
    for (const [ref, { key, meta }] of this.#byProcess.get(process) ?? [])
      if (!refs.has(ref)) add(leaves, key, meta);
    return this.apply(process, { joins: state, leaves });
  }
}

export function isEmptyDiff({ joins, leaves }: PresenceDiff): boolean {
  return Object.keys(joins).length === 0 && Object.keys(leaves).length === 0;
}

/** Without a prototype: clients choose the keys. */
export function emptyState(): PresenceState {
  return Object.create(null);
}

export function add(state: PresenceState, key: string, meta: Meta): void {
  const present = state[key] ?? { metas: [] };
  state[key] = present;
  present.metas.push(meta);
}
