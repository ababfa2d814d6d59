import { useQueries } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { readOrHeld } from '../../hooks/offline/held-answers';
import type { ScreenSearch } from '../../hooks/page/screen-search';
import { read } from '../../hooks/records/functions';
import { unwrap } from '../../hooks/request/database';

/** A card of the answer of `pipeline_board`. */
export interface Deal {
  id: string;
  name: string;
  stage: string;
  /** The stage under which the server has counted the deal. It differs from `stage` while the deal is being moved. */
  column: string;
  amount: number;
  currency: string;
  stage_changed_at: string;
  owner_id: string | null;
  is_stale: boolean;
  account: string | null;
  /** The first date that is not over, else the last one. */
  event_date: string | null;
}

/** Minor units, by currency. */
type Amounts = Readonly<Record<string, number>>;

interface Part {
  rows: Deal[];
}

/** The answer of `pipeline_board`. */
interface Board extends Part {
  /** Without amounts in an answer that this device has held since before there were any. */
  columns: { stage: string; count: number; amounts?: Amounts }[];
  owners: string[];
  months: string[];
  sources: string[];
}

export const ORDERS = ['changed', 'date', 'value', 'name'] as const;
type Order = (typeof ORDERS)[number];

/** What the board shows of all deals. An absent choice shows all. */
export interface BoardChoice {
  owner?: string | undefined;
  /** Month of the event, `YYYY-MM`. */
  month?: string | undefined;
  source?: string | undefined;
  order: Order;
}

/** The choice is stored in the URL, so that it survives a reload and can be shared. */
export function choiceOf({ f, sort }: ScreenSearch): BoardChoice {
  return {
    owner: f?.owner,
    month: f?.month,
    source: f?.source,
    order: ORDERS.find((order) => order === sort) ?? 'changed',
  };
}

export const CARDS_AT_ONCE = 50;

/** A column of the board: all of its deals are counted, the first ones loaded. */
export interface BoardColumn {
  deals: Deal[];
  count: number;
  amounts: Amounts;
}

/** The board's columns, and further cards of a column when they are wanted. */
export function useBoard(choice: BoardChoice) {
  const chosen = JSON.stringify(choice);
  const [wanted, setWanted] = useState<{ chosen: string; pages: Record<string, number> }>({
    chosen,
    pages: {},
  });
  const pages = wanted.chosen === chosen ? wanted.pages : {};
  const parts = Object.entries(pages).flatMap(([stage, count]) =>
    Array.from({ length: count }, (_, index) => ({ in_stage: stage, skip: (index + 1) * CARDS_AT_ONCE })),
  );
  const [first, ...further] = useQueries({
    queries: [{}, ...parts].map((part) => ({
      // Below the table's name, so that a card that is moved is shown at once in its new column.
      queryKey: ['records', 'opportunities', 'board', choice, part],
      queryFn: ({ signal, queryKey }: { signal: AbortSignal; queryKey: readonly unknown[] }) =>
        readOrHeld(queryKey, async () => {
          const { owner, month, source, order } = choice;
          const parameters = {
            ...{ owner, source, sort: order, most: CARDS_AT_ONCE, ...part },
            month: month && `${month}-01`,
          };
          return unwrap(await read('pipeline_board', parameters).abortSignal(signal)) as unknown as Board;
        }),
      refetchInterval: 30_000,
      placeholderData: (before: Board | undefined) => before,
    })),
  });
  const board = first?.data;
  const all = [first, ...further].flatMap((part) => part?.data?.rows ?? []);
  const deals = [...new Map(all.map((deal) => [deal.id, deal])).values()];
  const byStage = new Map<string, BoardColumn>(
    board?.columns.map(({ stage, count, amounts = {} }) => [stage, { deals: [], count, amounts }]),
  );
  const columnOf = (stage: string) => {
    const column = byStage.get(stage) ?? { deals: [], count: 0, amounts: {} };
    byStage.set(stage, column);
    return column;
  };
  for (const deal of deals) {
    columnOf(deal.stage).deals.push(deal);
    if (deal.stage === deal.column) continue;
    for (const [stage, sign] of [
      [deal.stage, 1],
      [deal.column, -1],
    ] as const) {
      const column = columnOf(stage);
      const amount = (column.amounts[deal.currency] ?? 0) + sign * deal.amount;
      column.count += sign;
      column.amounts = { ...column.amounts, [deal.currency]: amount };
    }
  }
  const more = useCallback(
    (stage: string) =>
      setWanted((before) => {
        const loaded = before.chosen === chosen ? before.pages : {};
        return { chosen, pages: { ...loaded, [stage]: (loaded[stage] ?? 0) + 1 } };
      }),
    [chosen],
  );
  return {
    board,
    columns: byStage,
    more,
    error: first?.error ?? null,
    refetch: () => void first?.refetch(),
  };
}
