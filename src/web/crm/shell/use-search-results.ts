import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unwrap } from '../../hooks/database';
import { useFormat } from '../../hooks/format';
import { read } from '../../hooks/functions';
import { useSettings } from '../../hooks/settings';
import { placeOf } from '../places';

export interface Found {
  id: string;
  kind: string;
  title: string;
  subtitle: string;
  to: string;
}

const SAID_BY_STATUS = new Set(['quote', 'invoice', 'task', 'booth']);

/** Records of every kind that contain the words, or nearly; what the user may not see is not among them. */
export function useSearchResults(words: string): { results: Found[]; isSearching: boolean } {
  const { t } = useTranslation();
  const format = useFormat();
  const { settings } = useSettings();
  /** What the database says of a record, in the words of people. */
  const say = (kind: string, text: string): string => {
    if (kind === 'opportunity') return settings.pipeline.stages.find(({ key }) => key === text)?.name ?? text;
    if (kind === 'event') return text.replace(/\d{4}-\d\d-\d\d$/, (date) => format.date(date));
    return SAID_BY_STATUS.has(kind) ? t(`option.${text}`, text) : text;
  };
  const { data, isFetching } = useQuery({
    queryKey: ['records', 'search', words],
    queryFn: async ({ signal }) => {
      const call = read('search_records', { query: words, max_results: 12 }).abortSignal(signal);
      return unwrap(await call) as { id: string; kind: string; title: string; subtitle: string | null }[];
    },
    enabled: words.length > 1,
    placeholderData: (before) => before,
  });
  if (words.length <= 1) return { results: [], isSearching: false };
  const results = (data ?? []).flatMap(({ id, kind, title, subtitle }) => {
    const to = placeOf(kind, id);
    return to ? [{ id, kind, title, subtitle: subtitle ? say(kind, subtitle) : '', to }] : [];
  });
  return { results, isSearching: isFetching };
}
