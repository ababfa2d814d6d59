import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { mountPoint } from './address';
import type { TableName } from './query';

/** Who uses this machine: known also without a connection. */
export interface Me {
  id: string;
  name: string;
}

/** A change that was made here and has not reached the server. */
export type Edit = (RowEdit | CallEdit) & {
  /** One for each thing changed: a later change of the same thing joins it. */
  key: string;
  owner: string;
  eventId: string;
  /** What it is about, in words. */
  label: string;
  /** When it was made, ms. */
  at: number;
  /** Why it was not taken: nothing happens to it before the user has decided. */
  problem?: { kind: 'conflict'; theirs: Record<string, unknown> } | { kind: 'refused'; message: string };
};

interface RowEdit {
  kind: 'row';
  table: TableName;
  id: string;
  /** The version it was made on. */
  version: number;
  changes: Record<string, unknown>;
}

interface CallEdit {
  kind: 'call';
  name: 'check_out_booth' | 'check_in_booth';
  id: string;
  parameters: Record<string, unknown>;
}

interface Kept extends DBSchema {
  me: { key: string; value: Me };
  briefs: {
    key: [owner: string, eventId: string];
    value: { owner: string; eventId: string; brief: unknown };
  };
  edits: { key: [owner: string, key: string]; value: Edit };
}

let opened: Promise<IDBPDatabase<Kept>> | undefined;

/** What this machine keeps for working without a connection. */
export function keptHere(): Promise<IDBPDatabase<Kept>> {
  opened ??= openDB<Kept>('marquee', 1, {
    upgrade(database) {
      database.createObjectStore('me');
      database.createObjectStore('briefs', { keyPath: ['owner', 'eventId'] });
      database.createObjectStore('edits', { keyPath: ['owner', 'key'] });
    },
  });
  return opened;
}

/** One person of one company: several may use this machine one after the other. */
export function ownerOf(userId: string): string {
  return `${window.location.host}${mountPoint}|${userId}`;
}

/** Everything that an owner has in a store. */
export function rangeOf(owner: string): IDBKeyRange {
  return IDBKeyRange.bound([owner], [owner, []]);
}

/** After signing out nothing of the company can be read here; what was not sent waits for whoever typed it. */
export async function forgetBriefs(): Promise<void> {
  const kept = await keptHere();
  await Promise.all([kept.clear('briefs'), kept.clear('me')]);
}
