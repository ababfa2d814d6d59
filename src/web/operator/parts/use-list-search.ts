import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ScreenSearch } from '../../hooks/page/screen-search';
import type { Sorting } from './DataTable';

/** The URL is updated a moment later, so that the list renders first. */
const ADDRESS_MS = 200;
const NO_FILTERS: Readonly<Record<string, string>> = {};

/** Search, filters and order of a list, stored in the URL, so that a link shows the same list. */
export function useListSearch(first: string) {
  const navigate = useNavigate();
  const { state } = useRouter();
  // The search text is read from the URL once, so that typing does not render the screen.
  const [search, setWords] = useState(() => (state.location.search as ScreenSearch).q ?? '');
  const { sort = first, f: filters = NO_FILTERS } = useSearch({
    strict: false,
    structuralSharing: true,
    select: ({ sort, f }: ScreenSearch) => ({ sort, f }),
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = useCallback(
    (changes: (was: ScreenSearch) => Partial<ScreenSearch>) =>
      void navigate({
        ...{ to: '.', replace: true },
        search: (was: ScreenSearch) => ({ ...was, ...changes(was) }),
      } as never),
    [navigate],
  );
  const setSearch = useCallback(
    (words: string) => {
      setWords(words);
      clearTimeout(timer.current);
      timer.current = setTimeout(
        () => change(() => ({ q: words || undefined }) as Partial<ScreenSearch>),
        ADDRESS_MS,
      );
    },
    [change],
  );
  const setFilter = useCallback(
    (name: string, value: string | null) =>
      change(({ f: { [name]: _, ...others } = {} }) => {
        const next = value ? { ...others, [name]: value } : others;
        return { f: Object.keys(next).length > 0 ? next : undefined } as Partial<ScreenSearch>;
      }),
    [change],
  );
  const setSorting = useCallback(
    ({ by, descending }: Sorting) => change(() => ({ sort: `${descending ? '-' : ''}${by}` })),
    [change],
  );
  return {
    search,
    setSearch,
    filters,
    setFilter,
    sorting: { by: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    setSorting,
  };
}
