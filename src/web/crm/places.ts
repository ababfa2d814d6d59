/** Where a record of a kind is looked at; kinds as `entity_type` and the search name them. */
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

/** Records without a page of their own are found in their list. */
const LISTS: Record<string, string> = {
  task: '/tasks',
  template: '/templates',
};

export function placeOf(kind: string, id: string): string | undefined {
  const page = PLACES[kind];
  return page ? `${page}/${id}` : LISTS[kind];
}
