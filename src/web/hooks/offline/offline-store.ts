import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { SessionAnswer } from '@/server/sign-in/browser-session';
import { mountPoint } from '../page/address';
import type { Edit } from './edits';

/** The current user. Stored on the device, so that it is known offline. */
export interface Me {
  id: string;
  name: string;
  session: SessionAnswer;
}

/** What the server answered last, for when it cannot be reached. */
export interface HeldAnswer {
  owner: string;
  /** The query key, as JSON. */
  key: string;
  data: unknown;
  /** ms since the epoch */
  at: number;
}

interface OfflineSchema extends DBSchema {
  me: { key: string; value: Me };
  briefs: {
    key: [owner: string, eventId: string];
    value: { owner: string; eventId: string; brief: unknown };
  };
  edits: { key: [owner: string, key: string]; value: Edit };
  answers: { key: [owner: string, key: string]; value: HeldAnswer };
}

let opened: Promise<IDBPDatabase<OfflineSchema>> | undefined;

/** Opens the offline store (IndexedDB) of this device. @throws where the browser blocks storage */
export function offlineStore(): Promise<IDBPDatabase<OfflineSchema>> {
  opened ??= openDB<OfflineSchema>('marquee', 2, {
    upgrade(database) {
      // It holds copies only, and edits of a version without groups.
      for (const name of [...database.objectStoreNames]) database.deleteObjectStore(name);
      database.createObjectStore('me');
      database.createObjectStore('briefs', { keyPath: ['owner', 'eventId'] });
      database.createObjectStore('edits', { keyPath: ['owner', 'key'] });
      database.createObjectStore('answers', { keyPath: ['owner', 'key'] });
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

/** Stores who is signed in. */
export async function rememberSession(session: SessionAnswer): Promise<void> {
  const { id, displayName } = session.user;
  await (await offlineStore()).put('me', { id, name: displayName, session }, `me${mountPoint}`);
}

/** Who was signed in last on this device. */
export async function rememberedMe(): Promise<Me | undefined> {
  return (await offlineStore()).get('me', `me${mountPoint}`);
}

/** Deletes what this device holds at sign-out. Unsent edits stay until their author signs in again. */
export async function forgetHeld(): Promise<void> {
  const store = await offlineStore();
  await Promise.all([store.clear('briefs'), store.clear('answers'), store.clear('me')]);
}
