import { useQuery } from '@tanstack/react-query';
import { unwrap } from '../../hooks/database';
import { read } from '../../hooks/functions';
import { placeOf } from '../places';

export interface Found {
  id: string;
  kind: string;
  title: string;
  subtitle: string;
  to: string;
}

/** Records of every kind that contain the words, or nearly; what the user may not see is not among them. */
export function useSearchResults(words: string): Found[] {
  const { data } = useQuery({
    queryKey: ['records', 'search', words],
    queryFn: async ({ signal }) => {
      const call = read('search_records', { query: words, max_results: 12 }).abortSignal(signal);
      return unwrap(await call) as { id: string; kind: string; title: string; subtitle: string | null }[];
    },
    enabled: words.length > 1,
    placeholderData: (before) => before,
  });
  if (words.length <= 1) return [];
  return (data ?? []).flatMap(({ id, kind, title, subtitle }) => {
    const to = placeOf(kind, id);
    return to ? [{ id, kind, title, subtitle: subtitle ?? '', to }] : [];
  });
}
