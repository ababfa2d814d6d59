import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { mountPoint } from './address';
import type { TableName } from './query';

/** The current user. Stored on the device, so that it is known offline. */
export interface Me {
  id: string;
  name: string;
}

/** A local change that has not been sent to the server. */
export type Edit = (RowEdit | CallEdit) & {
  /** Identifies what is changed. A later change with the same key is merged into this one. */
  key: string;
  owner: string;
  eventId: string;
  /** Display name of what is changed. */
  label: string;
  /** Time of the change, ms since the epoch. */
  at: number;
  /** Why the server refused the change. It is not sent again until the user decides. */
  problem?: { kind: 'conflict'; theirs: Record<string, unknown> } | { kind: 'refused'; message: string };
};

interface RowEdit {
  kind: 'row';
  table: TableName;
  id: string;
  /** The record version that the change is based on. */
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

/** Opens the offline store (IndexedDB) of this device. */
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

/** Owner key of a user within a tenant: several users may share a device. */
export function ownerOf(userId: string): string {
  return `${window.location.host}${mountPoint}|${userId}`;
}

/** Key range of all of an owner's entries in a store. */
export function rangeOf(owner: string): IDBKeyRange {
  return IDBKeyRange.bound([owner], [owner, []]);
}

/** Deletes the stored briefs at sign-out. Unsent changes stay until their author signs in again. */
export async function forgetBriefs(): Promise<void> {
  const kept = await keptHere();
  await Promise.all([kept.clear('briefs'), kept.clear('me')]);
}
