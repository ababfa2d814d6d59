/** Paths of records' pages, by kind as in `entity_type` and in search results. */
const PLACES: Record<string, string> = {
  account: '/accounts',
  contact: '/contacts',
  lead: '/leads',
  opportunity: '/opportunities',
  event: '/events',
  quote: '/quotes',
  invoice: '/invoices',
  booth: '/inventory/booths',
  equipment_item: '/inventory/equipment',
};

/** Lists of records that have no page of their own. */
const LISTS: Record<string, string> = {
  task: '/tasks',
  template: '/templates',
};

export function recordPath(kind: string, id: string): string | undefined {
  const page = PLACES[kind];
  return page ? `${page}/${id}` : LISTS[kind];
}
