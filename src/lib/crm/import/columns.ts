import type { CsvRow } from './csv';
import { type ColumnOrder, type DateOrder, OrderFinder, readDate } from './dates';
import type { ImportEntity, Mapping } from './entities';

/** What the cells of a date column say about their order. */
export interface DateColumn {
  header: string;
  /** The order in which it is read; missing where the cells do not decide it and none was chosen. */
  order?: DateOrder;
  /** What the cells say by themselves. */
  found: ColumnOrder;
  /** A date that could be read either way, and how it is read both ways. */
  example?: { text: string; dayFirst: string; monthFirst: string };
}

/** Reads whole columns before the first row is imported: in which order their dates are. */
export class ColumnReader {
  readonly #finders: Map<string, OrderFinder>;

  constructor(
    entity: ImportEntity,
    mapping: Mapping,
    private readonly chosen: Readonly<Record<string, DateOrder>>,
  ) {
    const dates = new Set(entity.fields.filter(({ kind }) => kind === 'date').map(({ column }) => column));
    const headers = Object.keys(mapping).filter((header) => dates.has(mapping[header] ?? ''));
    this.#finders = new Map(headers.map((header) => [header, new OrderFinder()]));
  }

  /** Whether there is anything to find out. */
  get isNeeded(): boolean {
    return this.#finders.size > 0;
  }

  see({ cells }: CsvRow): void {
    for (const [header, finder] of this.#finders) finder.see(cells[header] ?? '');
  }

  /** @param assumed for columns whose cells fit both orders */
  dates(assumed?: DateOrder): DateColumn[] {
    return [...this.#finders].map(([header, finder]) => {
      const found = finder.order();
      const order =
        this.chosen[header] ??
        (found === 'day-first' || found === 'month-first'
          ? found
          : found === 'none'
            ? 'month-first'
            : assumed);
      const text = finder.example;
      return {
        header,
        found,
        ...(order ? { order } : {}),
        ...(text
          ? {
              example: {
                text,
                dayFirst: readDate(text, 'day-first'),
                monthFirst: readDate(text, 'month-first'),
              },
            }
          : {}),
      };
    });
  }
}
