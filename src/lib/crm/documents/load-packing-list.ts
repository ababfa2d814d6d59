import type { TenantClient } from '@/lib/data-sources';
import type { RowOf } from '@/lib/repositories';
import { boothLabel, byId, loadDates, loadOrder, loadWords } from './load-event';
import { allRows, rowsOf } from './load-parties';
import type { PackingListDocument } from './model';
import type { DocumentWords } from './words';

/** The packing list: what is needed on each date. @throws RepositoryError `record_not_found` */
export async function loadPackingList(client: TenantClient, eventId: string): Promise<PackingListDocument> {
  const event = await rowsOf(client, 'events').get(eventId);
  const words = await loadWords(client);
  const active = { event_id: eventId, status: ['hold', 'reserved', 'checked_out'] } as const;
  const [dates, order, booths, equipment] = await Promise.all([
    loadDates(client, eventId),
    loadOrder(client, eventId),
    allRows(client, 'booth_assignments', { filter: active }),
    allRows(client, 'equipment_assignments', { filter: active }),
  ]);
  const [boothRows, itemRows] = await Promise.all([
    byId(
      client,
      'booths',
      booths.map((row) => row.booth_id),
    ),
    byId(
      client,
      'equipment_items',
      equipment.map((row) => row.equipment_item_id),
    ),
  ]);
  const [kits, boothTypes] = await Promise.all([
    allRows(client, 'equipment_items', {
      filter: { booth_id: [...boothRows.keys()] },
      sort: [{ column: 'name' }],
    }),
    byId(
      client,
      'booth_types',
      [...boothRows.values()].map((row) => row.booth_type_id),
    ),
  ]);
  const equipmentTypes = await byId(
    client,
    'equipment_types',
    [...boothTypes.values()].flatMap((type) => Object.keys(type.required_items as object)),
  );
  /** What the booth's type needs and no item of its kit is: paper, ink and the like. */
  const consumablesOf = (
    booth: RowOf<'booths'> | undefined,
    packed: (RowOf<'equipment_items'> | undefined)[],
  ) => {
    const needed = boothTypes.get(booth?.booth_type_id ?? '')?.required_items as
      | Record<string, number>
      | undefined;
    const there = new Set(packed.map((item) => item?.equipment_type_id));
    return Object.entries(needed ?? {})
      .filter(([type]) => !there.has(type))
      .flatMap(([type, quantity]) => {
        const name = equipmentTypes.get(type)?.name;
        return name ? [{ name, quantity }] : [];
      });
  };
  const itemsOf = (dateId: string, assignmentId: string | null) =>
    equipment
      .filter((row) => row.event_date_id === dateId && row.booth_assignment_id === assignmentId)
      .map((row) => ({ name: labelOf(itemRows.get(row.equipment_item_id), words), quantity: row.quantity }));

  return {
    kind: 'packing-list',
    event: { title: event.title, number: event.event_number },
    order,
    departures: dates.map(({ date, location }) => {
      const here = booths.filter((row) => row.event_date_id === date.id);
      const loose = itemsOf(date.id, null);
      return {
        date: date.event_date,
        ...(location ? { place: location.name } : {}),
        booths: [
          ...here.map((row) => {
            const booth = boothRows.get(row.booth_id);
            const assigned = itemsOf(date.id, row.id);
            const kit = kits.filter((item) => item.booth_id === row.booth_id);
            const packed = [
              ...kit,
              ...equipment
                .filter((one) => one.booth_assignment_id === row.id)
                .map((one) => itemRows.get(one.equipment_item_id)),
            ];
            return {
              name: boothLabel(booth, boothTypes, words),
              items: merge([
                ...assigned,
                ...kit.map((item) => ({ name: labelOf(item, words), quantity: item.quantity })),
                ...consumablesOf(booth, packed),
              ]),
            };
          }),
          ...(loose.length > 0 ? [{ name: words.otherEquipment, items: merge(loose) }] : []),
        ],
      };
    }),
  };
}

function merge(items: { name: string; quantity: number }[]) {
  const counts = new Map<string, number>();
  for (const { name, quantity } of items) counts.set(name, Math.max(counts.get(name) ?? 0, quantity));
  return [...counts].map(([name, quantity]) => ({ name, quantity }));
}

function labelOf(item: RowOf<'equipment_items'> | undefined, words: DocumentWords): string {
  return item ? `${item.name} (${item.asset_tag})` : words.item;
}
