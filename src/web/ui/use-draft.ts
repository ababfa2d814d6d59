import { useEffect, useRef, useState } from 'react';
import { mountPoint } from '../hooks/address';
import { useSession } from '../hooks/session';

type Values = Record<string, unknown>;

/** What was typed, and for each field of it what stood there when typing began. */
interface Kept {
  draft: Values;
  base: Values;
}

const NOTHING: Kept = { draft: {}, base: {} };

/**
 * What was typed and not yet saved, kept on this machine so that a reload or a lost connection takes nothing. Each person
 * of each company has their own.
 *
 * @param key what is being written
 * @param record what is being changed, as it was read; with its `version`, where others may change it too
 * @returns `base` what the typed fields and the version were when typing began, maybe days ago
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
  // Another tab may be writing the same: only who types writes.
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change, once there is a pause in typing
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
    // Storage is full or forbidden: the draft lives as long as the page.
  }
}
