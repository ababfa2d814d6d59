import { useEffect, useRef, useState } from 'react';
import { mountPoint } from '../hooks/address';
import { useSession } from '../hooks/session';

type Values = Record<string, unknown>;

/** A stored draft: the edited fields, and each one's value when editing began. */
interface Kept {
  draft: Values;
  base: Values;
}

const NOTHING: Kept = { draft: {}, base: {} };

/**
 * A form draft, stored on this device so that it survives a reload or a lost connection. Each user of each tenant has their
 * own.
 *
 * @param key identifies the form
 * @param record the record as it was read, with its `version` if other users can change it
 * @returns `base`: values of the edited fields, and the version, from when editing began, possibly days ago
 */
export function useDraft(
  key: string,
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
  const place = `marquee.draft.${mountPoint}.${session?.user.id ?? ''}.${key}`;
  const [kept, setKept] = useState(() => read(place));
  const [showsRestored, setShowsRestored] = useState(Object.keys(kept.draft).length > 0);
  const latest = useRef(kept);
  // Another tab may have the same form open: only the tab with unsaved input writes.
  const isUnwritten = useRef(false);
  const keep = useRef(() => {});
  keep.current = () => {
    if (isUnwritten.current) write(place, latest.current);
    isUnwritten.current = false;
  };
  const set = (next: Kept) => {
    latest.current = next;
    isUnwritten.current = true;
    setKept(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after each change, debounced
  useEffect(() => {
    const timer = setTimeout(() => keep.current(), 250);
    return () => clearTimeout(timer);
  }, [kept]);
  useEffect(() => {
    const now = () => keep.current();
    window.addEventListener('pagehide', now);
    return () => {
      window.removeEventListener('pagehide', now);
      now();
    };
  }, []);
  return {
    ...kept,
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

function read(place: string): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? 'null');
    return typeof kept === 'object' && kept !== null && 'draft' in kept ? (kept as Kept) : NOTHING;
  } catch {
    return NOTHING;
  }
}

function write(place: string, kept: Kept): void {
  try {
    if (Object.keys(kept.draft).length === 0) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify(kept));
  } catch {
    // Storage is full or blocked: the draft lives only in memory.
  }
}
