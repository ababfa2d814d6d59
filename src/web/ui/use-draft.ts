import { useCallback, useEffect, useRef, useState } from 'react';

/** What was typed and not yet saved, kept on this machine so that a reload or a lost connection takes nothing. */
export function useDraft(key: string): {
  draft: Record<string, unknown>;
  restored: boolean;
  change(name: string, value: unknown): void;
  replace(draft: Record<string, unknown>): void;
  discard(): void;
} {
  const place = `marquee.draft.${key}`;
  const [draft, setDraft] = useState<Record<string, unknown>>(() => read(place));
  const restored = useRef(Object.keys(draft).length > 0);
  const [showsRestored, setShowsRestored] = useState(restored.current);
  useEffect(() => {
    // Waits for a pause in typing.
    const timer = setTimeout(() => write(place, draft), 250);
    return () => clearTimeout(timer);
  }, [place, draft]);
  useEffect(() => {
    const keep = () => write(place, draft);
    window.addEventListener('pagehide', keep);
    return () => window.removeEventListener('pagehide', keep);
  }, [place, draft]);
  const change = useCallback(
    (name: string, value: unknown) => setDraft((before) => ({ ...before, [name]: value })),
    [],
  );
  const discard = useCallback(() => {
    write(place, {});
    setDraft({});
    setShowsRestored(false);
  }, [place]);
  return { draft, restored: showsRestored, change, replace: setDraft, discard };
}

function read(place: string): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function write(place: string, draft: Record<string, unknown>): void {
  try {
    if (Object.keys(draft).length === 0) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: the draft lives as long as the page.
  }
}
