import type { KeysetReading } from '../../hooks/records/paging';
import type { Filter, Operator, Order, Reading } from '../../hooks/request/query';
import type { Entity, Reference } from './entity';

/** The order of a list sorted by a column: by the list's first column means by all columns of its own order. */
export function sortedBy({ order }: Pick<Entity, 'order'>, chosen: Order): readonly Order[] {
  return order[0]?.[0] === chosen[0] ? order.map(([column]): Order => [column, chosen[1]]) : [chosen];
}

/** How a list is paged: by its order where an index serves it. */
export function orderedBy(
  { sorted }: Pick<Entity, 'sorted'>,
  [first = ['id', 'asc'], ...others]: readonly Order[],
  filters: readonly Filter[],
): Pick<KeysetReading, 'order' | 'mayBeEmpty'> | Pick<Reading, 'order'> {
  const [column, way] = first;
  if (!sorted?.by.includes(column)) return { order: [first, ...others, ['id', 'asc']] };
  const isFilled = filters.some(([name, how]) => name === column && COMPARED.has(how));
  return {
    order: [first, ...others, ['id', way]],
    mayBeEmpty: !isFilled && (sorted.sometimes?.includes(column) ?? false),
  };
}

/** Rows without a value do not match these. */
const COMPARED = new Set<Operator>(['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'not.is']);

/** The order in which a picker reads what it offers. */
export function offeredBy(
  { label, order, newest }: Pick<Reference, 'label' | 'order' | 'newest'>,
  typed: string,
): Pick<Reading, 'order' | 'indexed'> {
  if (newest && typed.trim() === '')
    return {
      order: [
        ['created_at', 'desc'],
        ['id', 'desc'],
      ],
      indexed: true,
    };
  return { order: [[order ?? label[0] ?? 'id', 'asc']] };
}
