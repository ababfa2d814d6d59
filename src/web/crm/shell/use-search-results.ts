import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { useFormat } from '../../hooks/format';
import { read } from '../../hooks/records/functions';
import { unwrap } from '../../hooks/request/database';
import { recordPath } from '../record-path';

export interface Found {
  id: string;
  kind: string;
  title: string;
  subtitle: string;
  to: string;
}

const SAID_BY_STATUS = new Set(['quote', 'invoice', 'task', 'booth']);

/** Fuzzy search over all kinds of records that the user may see. */
export function useSearchResults(words: string): { results: Found[]; isSearching: boolean } {
  const { t } = useTranslation();
  const format = useFormat();
  const { settings } = useSettings();
  /** Translates values of a search result. */
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
    const to = recordPath(kind, id);
    return to ? [{ id, kind, title, subtitle: subtitle ? say(kind, subtitle) : '', to }] : [];
  });
  return { results, isSearching: isFetching };
}
