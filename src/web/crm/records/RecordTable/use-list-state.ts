import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useSettings } from '../../../hooks/company/settings';
import { dateIn } from '../../../hooks/format';
import { type ScreenSearch, useScreenSearch } from '../../../hooks/page/screen-search';
import type { KeysetReading } from '../../../hooks/records/paging';
import type { Filter, Order, Reading } from '../../../hooks/request/query';
import { useSession } from '../../../hooks/session/session';
import { type Entity, selectOf } from '../entity';
import { orderedBy, sortedBy } from '../list-order';

/** List state, stored in the URL so that back, reload and shared links work. */
export function useListState(entity: Entity, fixed: readonly Filter[] = []) {
  const search = useScreenSearch();
  const navigate = useNavigate();
  const { data: session } = useSession();
  const { settings } = useSettings();
  const change = useCallback(
    (changes: ScreenSearch) =>
      void navigate({
        to: '.',
        search: ((before: ScreenSearch) => clean({ ...before, ...changes })) as never,
        replace: true,
      }),
    [navigate],
  );
  const view = entity.views?.find(({ key }) => key === search.view) ?? entity.views?.[0];
  const today = dateIn(settings.timezone);
  const userId = session?.user.id ?? '';
  const key = JSON.stringify([search.q, search.f, search.sort, search.view]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the URL parameters that are read
  const reading = useMemo((): Reading | KeysetReading => {
    const chosen = Object.entries(search.f ?? {}).map(([column, value]): Filter => [column, 'eq', value]);
    const filters = [
      ...(entity.filters ?? []),
      ...fixed,
      ...(view?.filters({ today, userId }) ?? []),
      ...chosen,
    ];
    const sorted = search.sort ? sortedBy(entity, orderOf(search.sort)) : (view?.order ?? entity.order);
    return {
      select: selectOf(entity),
      filters,
      ...orderedBy(entity, sorted, filters),
      ...(search.q ? { search: { words: search.q, columns: entity.search } } : {}),
    };
  }, [entity, key, today, userId, fixed]);
  return { search, change, view, reading, order: (reading.order?.[0] ?? ['id', 'asc']) as Order };
}

/** Parses a sort parameter: `-start_date` is start_date, descending. */
export function orderOf(sort: string): Order {
  return sort.startsWith('-') ? [sort.slice(1), 'desc'] : [sort, 'asc'];
}

function clean(search: ScreenSearch): ScreenSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== '' && value !== false),
  );
}
