import { useEffect, useRef, useState } from 'react';
import { mountPoint } from '../../hooks/page/address';
import { useSession } from '../../hooks/session/session';

type Values = Record<string, unknown>;

/** A stored draft: the edited fields, and each one's value when editing began. */
interface StoredDraft {
  draft: Values;
  base: Values;
}

const NOTHING: StoredDraft = { draft: {}, base: {} };

/**
 * A form draft, stored on this device so that it survives a reload or a lost connection. Each user of each tenant has their
 * own.
 *
 * @param key identifies the form; null keeps the draft in memory only
 * @param record the record as it was read, with its `version` if other users can change it
 * @returns `base`: values of the edited fields, and the version, from when editing began, possibly days ago
 */
export function useDraft(
  key: string | null,
  record?: Values,
): {
  draft: Values;
  base: Values;
  restored: boolean;
  change(name: string, value: unknown): void;
  replace(draft: Values): void;
  discard(): void;
} {
  const { data: session } = useSession();
  const place = key === null ? null : `marquee.draft.${mountPoint}.${session?.user.id ?? ''}.${key}`;
  const [stored, setStored] = useState(() => read(place));
  const [showsRestored, setShowsRestored] = useState(Object.keys(stored.draft).length > 0);
  const latest = useRef(stored);
  // Another tab may have the same form open: only the tab with unsaved input writes.
  const isUnwritten = useRef(false);
  const keep = useRef(() => {});
  keep.current = () => {
    if (isUnwritten.current) write(place, latest.current);
    isUnwritten.current = false;
  };
  const set = (next: StoredDraft) => {
    latest.current = next;
    isUnwritten.current = true;
    setStored(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after each change, debounced
  useEffect(() => {
    const timer = setTimeout(() => keep.current(), 250);
    return () => clearTimeout(timer);
  }, [stored]);
  useEffect(() => {
    const now = () => keep.current();
    window.addEventListener('pagehide', now);
    return () => {
      window.removeEventListener('pagehide', now);
      now();
    };
  }, []);
  return {
    ...stored,
    restored: showsRestored,
    change: (name, value) => {
      const { draft, base } = latest.current;
      const began =
        name in base ? base : { version: record?.version, ...base, [name]: record?.[name] ?? null };
      set({ draft: { ...draft, [name]: value }, base: began });
    },
    replace: (draft) => set({ ...latest.current, draft }),
    discard: () => {
      set(NOTHING);
      keep.current();
      setShowsRestored(false);
    },
  };
}

function read(place: string | null): StoredDraft {
  if (place === null) return NOTHING;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place) ?? 'null');
    return typeof stored === 'object' && stored !== null && 'draft' in stored
      ? (stored as StoredDraft)
      : NOTHING;
  } catch {
    return NOTHING;
  }
}

function write(place: string | null, stored: StoredDraft): void {
  if (place === null) return;
  try {
    if (Object.keys(stored.draft).length === 0) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify(stored));
  } catch {
    // Storage is full or blocked: the draft lives only in memory.
  }
}
