// A part of the fleet, as one screen shows it: the worst first, each item with a command that helps.
import type { MessageDescriptor } from '@/lib/failures';
import { withDeadline } from '@/lib/time';

export type ItemLevel = 'bad' | 'warning' | 'ok';

export interface Item {
  level: ItemLevel;
  /** The name of the source, tenant or job. */
  subject: string;
  state: string;
  /** One line of detail. */
  detail: string;
  /** State and detail as codes and values, each detail with its English text. */
  says: { state: MessageDescriptor; details: (MessageDescriptor & { text: string })[] };
  /** The command that helps, or shows more. */
  next: string;
  /** The line's facts as values, for programs. */
  values: Record<string, unknown>;
}

export interface Findings {
  /** One line about all of them. */
  summary: string;
  items: Item[];
}

export interface Part extends Findings {
  name: string;
  /** `unreachable`: it could not be read, `problem` says why. `not-set-up`: there is nothing of it here. */
  state: 'read' | 'unreachable' | 'not-set-up';
  problem: string | null;
}

const PLACES: Record<ItemLevel, number> = { bad: 0, warning: 1, ok: 2 };
/** Longer than a database takes that answers. */
const DEADLINE_MS = 8_000;

/** @param read resolves to undefined where there is nothing of it here */
export async function readPart(name: string, read: () => Promise<Findings | undefined>): Promise<Part> {
  try {
    const late = () => new Error(`no answer within ${DEADLINE_MS / 1000} s`);
    const found = await withDeadline(read(), DEADLINE_MS, late);
    if (!found) return { name, state: 'not-set-up', problem: null, summary: 'not set up', items: [] };
    const items = [...found.items].sort((one, other) => PLACES[one.level] - PLACES[other.level]);
    return { name, state: 'read', problem: null, summary: found.summary, items };
  } catch (error) {
    const problem = error instanceof Error && error.message ? error.message : String(error);
    return { name, state: 'unreachable', problem, summary: `could not be read: ${problem}`, items: [] };
  }
}

/** `3 active, 1 suspended`, without what there is none of. */
export function counts(of: Record<string, number>): string {
  const shown = Object.entries(of).filter(([, count]) => count > 0);
  return shown.map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
}
