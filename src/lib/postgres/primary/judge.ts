// Decides which of a cluster's hosts is the primary that may be written to, by the last answer of each host.
import { classify } from '@/lib/failures';
import { nameOfHost, type PostgresHost } from '../address/postgres-url';
import type { ServerState } from './server-state';

/** What is known about one host. */
export interface Observed {
  readonly host: PostgresHost;
  /** Whether the host was asked and has answered or failed to. */
  asked: boolean;
  /** Whether a connection to the host has failed and the host was not asked since. */
  doubted?: boolean;
  /** The last answer; undefined if the host does not answer. */
  state: ServerState | undefined;
  /** The error, if the host does not answer. */
  error: unknown;
}

export interface Primary {
  readonly host: PostgresHost;
  /** 0 if the login may not read it. */
  readonly timeline: number;
}

/** What was learned about the cluster. It is kept while hosts cannot be reached. */
export interface Known {
  /** The latest timeline that any of its servers was seen on. */
  readonly timeline: number;
  /** The identifier of the cluster, known once a primary was found. */
  readonly system: string | undefined;
}

/** Whether both are the same server on the same timeline, so not promoted in between. */
export function isSamePrimary(one: Primary | undefined, other: Primary | undefined): boolean {
  return one?.host === other?.host && one?.timeline === other?.timeline;
}

export interface Judgement {
  /** Undefined if there is none, or several servers claim to be it. */
  primary: Primary | undefined;
  known: Known;
}

/**
 * The primary is the one server that claims to be primary and is on the latest known timeline. A primary on an earlier timeline was replaced
 * and has not noticed. Nothing is decided before every host was asked, since the first to answer might be a replaced primary.
 *
 * @param current stays the primary if two servers claim the same timeline
 */
export function judge(observed: readonly Observed[], known: Known, current: Primary | undefined): Judgement {
  const systems = new Set(observed.map(({ state }) => state?.system).filter((one) => one !== undefined));
  const system = known.system ?? (systems.size === 1 ? [...systems][0] : undefined);
  if (systems.size > 1 && system === undefined) return { primary: undefined, known };
  const ours = observed.filter(({ state }) => state && isOf(system, state));
  const timeline = Math.max(known.timeline, ...ours.map(({ state }) => state?.timeline ?? 0));
  const learned = { timeline, system: known.system };
  if (observed.some(({ asked }) => !asked)) return { primary: undefined, known: learned };
  const candidates = ours.filter(({ state }) => state && mayWrite(state, { timeline, system }));
  const kept = candidates.find(({ host }) => host === current?.host);
  const chosen = kept ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (!chosen) return { primary: undefined, known: learned };
  const now = chosen.state?.timeline ?? 0;
  const isSame = kept && current?.timeline === now;
  return { primary: isSame ? current : { host: chosen.host, timeline: now }, known: { timeline, system } };
}

/** Whether a server may be written to, by what is known about its cluster. */
export function mayWrite(state: ServerState, known: Known): boolean {
  const { standby, timeline } = state;
  return !standby && isOf(known.system, state) && (timeline === undefined || timeline >= known.timeline);
}

/** Whether a server belongs to the cluster. True if the login may not read the identifier. */
export function isOf(system: string | undefined, state: ServerState): boolean {
  return state.system === undefined || system === undefined || state.system === system;
}

/** One host of a cluster, for the operator. */
export interface HostCondition {
  /** `host:port`. */
  host: string;
  /** A predicate: `is a standby`, `does not answer`. */
  condition: string;
  /** Whether the host answers and belongs to the cluster, or was not asked yet. */
  isSound: boolean;
}

/** The condition of each host, for the operator. */
export function conditions(observed: readonly Observed[], known: Known): HostCondition[] {
  return observed.map((one) => ({
    host: nameOfHost(one.host),
    condition: conditionOf(one, known),
    isSound: one.state
      ? isOf(known.system, one.state) && (one.state.standby || mayWrite(one.state, known))
      : !one.asked,
  }));
}

/** The current role of each host, as one text. When it changes, connections to the hosts are checked again. */
export function rolesOf(observed: readonly Observed[], known: Known): string {
  const role = ({ asked, doubted, state }: Observed) => {
    if (!state) return asked && !doubted ? 'away' : 'unknown';
    if (!isOf(known.system, state)) return 'foreign';
    return state.standby ? 'standby' : mayWrite(state, known) ? 'primary' : 'replaced';
  };
  return observed.map(role).join();
}

export function describe(observed: readonly Observed[], known: Known): string {
  return conditions(observed, known)
    .map(({ host, condition }) => `${host} ${condition}`)
    .join('; ');
}

function conditionOf({ asked, state, error }: Observed, known: Known): string {
  if (!state) return asked ? problemOf(error) : 'was not asked yet';
  if (!isOf(known.system, state)) return 'belongs to another cluster';
  if (state.standby) return 'is a standby';
  if (!mayWrite(state, known))
    return `is a primary of the earlier timeline ${state.timeline}; the cluster is on ${known.timeline}`;
  return 'says that it is the primary';
}

function problemOf(error: unknown): string {
  const { kind, code } = classify(error);
  if (kind === 'timeout') return 'does not answer';
  if (kind === 'sign-in-refused') return `refuses the login (${code})`;
  if (kind === 'shutting-down') return 'is starting or shutting down';
  return `cannot be reached${code ? ` (${code})` : ''}`;
}
