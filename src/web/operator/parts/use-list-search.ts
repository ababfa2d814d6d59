import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useScreenSearch } from '../../hooks/page/screen-search';
import type { Sorting } from './DataTable';

/** Waits for the last key before the address is changed. */
const TYPED_MS = 400;

/** What a list is searched for, filtered and sorted by: kept in the address, so that a link shows the same. */
export function useListSearch(first: string) {
  const navigate = useNavigate();
  const { q = '', sort = first, f: filters = {} } = useScreenSearch();
  const [words, setWords] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (changes: object) =>
    void navigate({ to: '.', search: (was: object) => ({ ...was, ...changes }), replace: true } as never);
  return {
    words,
    setWords(next: string) {
      setWords(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => set({ q: next.trim() || undefined }), TYPED_MS);
    },
    filters,
    setFilter(name: string, value: string | null) {
      const { [name]: _, ...others } = filters;
      const next = value ? { ...others, [name]: value } : others;
      set({ f: Object.keys(next).length > 0 ? next : undefined });
    },
    sorting: { by: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    setSorting: ({ by, descending }: Sorting) => set({ sort: `${descending ? '-' : ''}${by}` }),
  };
}
