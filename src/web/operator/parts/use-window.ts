import { useQueries } from '@tanstack/react-query';
import { operatorQuery, type Subject } from '../queries';

const PAGE = 100;

interface Part<Row> {
  rows: Row[];
  total: number;
}

export interface WindowOfRows<Row> {
  total: number | undefined;
  /** Undefined while it is not read. */
  rowAt: (index: number) => Row | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => void;
  dataUpdatedAt: number;
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The part of a long list that is shown, read page by page as it is scrolled to.
 *
 * @param range of rows that are shown
 * @param everyMs as of `useOperatorQuery`
 */
export function useWindow<Row>(
  subject: Subject,
  path: string,
  parameters: Parameters,
  { from, to }: { from: number; to: number },
  everyMs?: number,
): WindowOfRows<Row> {
  const first = Math.floor(from / PAGE);
  const last = Math.floor(Math.max(from, to) / PAGE);
  const pages = [...new Set([0, ...Array.from({ length: last - first + 1 }, (_, index) => first + index)])];
  const queries = useQueries({
    queries: pages.map((page) => ({
      ...operatorQuery<Part<Row>>(subject, path, { ...parameters, offset: page * PAGE, limit: PAGE }),
      // A former page would show its rows in the place of others.
      ...(page === 0 ? {} : { placeholderData: undefined }),
      refetchInterval: everyMs ?? false,
    })),
  });
  const answers = new Map(pages.map((page, index) => [page, queries[index]?.data]));
  const failed = queries.find(({ error }) => error);
  return {
    total: queries.find(({ data }) => data)?.data?.total,
    rowAt: (index) => answers.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    error: failed?.error ?? null,
    isFetching: queries.some(({ isFetching }) => isFetching),
    refetch: () => {
      for (const query of queries) void query.refetch();
    },
    dataUpdatedAt: Math.max(0, ...queries.map(({ dataUpdatedAt }) => dataUpdatedAt)),
  };
}
