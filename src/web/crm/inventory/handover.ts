import { useQueryClient } from '@tanstack/react-query';
import { database, unwrap } from '../../hooks/database';
import type { Row } from '../../hooks/query';
import { sameNumber } from '../../hooks/typed-text';
import type { Scanned } from './read-code';

/** An assignment of a booth with its kit, or of a single item, to an event date: checked out, then checked in. */
export interface Handover {
  kind: 'booth' | 'equipment';
  id: string;
  status: string;
  checked_out_at: string | null;
  thing: { id: string; name: string; asset_tag?: string } | null;
  event: { id: string; title: string } | null;
  date: { event_date: string; setup_time: string | null; start_time: string } | null;
}

/** Columns of a handover, for either assignment table. */
export const HANDOVER = {
  booth: `id,status,checked_out_at,thing:booths!booth_assignments_booth_id_fkey(id,name),event:events!booth_assignments_event_id_fkey(id,title),date:event_dates!booth_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time)`,
  equipment: `id,status,checked_out_at,thing:equipment_items!equipment_assignments_equipment_item_id_fkey(id,name,asset_tag),event:events!equipment_assignments_event_id_fkey(id,title),date:event_dates!equipment_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time)`,
} as const;

/** Path of an item's page. */
export function placeOfThing({ kind, thing }: Pick<Handover, 'kind' | 'thing'>): string {
  return `/inventory/${kind === 'booth' ? 'booths' : 'equipment'}/${thing?.id}`;
}

export interface FoundThing {
  table: 'booths' | 'equipment_items';
  id: string;
  name: string;
  status: string;
  /** The current check-out, else the next booking; null if there is none. */
  handover: Handover | null;
}

/** Finds an item by label, asset tag, number or name. @returns null if there is none */
export async function findThing(scanned: Scanned, today: string): Promise<FoundThing | null> {
  if ('id' in scanned) {
    const { table, id } = scanned;
    return table === 'booths' ? boothOf(id, today) : itemOf(id, today);
  }
  const items = unwrap(
    await database
      .from('equipment_items')
      .select('id')
      .or(`${sameNumber('asset_tag', scanned.text)},${sameNumber('serial_number', scanned.text)}`)
      .limit(1),
  );
  if (items[0]) return itemOf(items[0].id, today);
  const booths = unwrap(
    await database.from('booths').select('id').or(sameNumber('name', scanned.text)).limit(1),
  );
  return booths[0] ? boothOf(booths[0].id, today) : null;
}

async function boothOf(id: string, today: string): Promise<FoundThing | null> {
  const booth = unwrap<Row<'booths'> | null>(
    await database.from('booths').select('*').eq('id', id).maybeSingle(),
  );
  if (!booth) return null;
  const planned = unwrap(
    await database
      .from('booth_assignments')
      .select(HANDOVER.booth)
      .eq('booth_id', id)
      .in('status', ['reserved', 'checked_out']),
  ) as unknown as Handover[];
  return {
    table: 'booths',
    id,
    name: booth.name,
    status: booth.status,
    handover: current(planned, 'booth', today),
  };
}

async function itemOf(id: string, today: string): Promise<FoundThing | null> {
  const item = unwrap<Row<'equipment_items'> | null>(
    await database.from('equipment_items').select('*').eq('id', id).maybeSingle(),
  );
  if (!item) return null;
  const planned = unwrap(
    await database
      .from('equipment_assignments')
      .select(HANDOVER.equipment)
      .eq('equipment_item_id', id)
      .is('booth_assignment_id', null)
      .in('status', ['reserved', 'checked_out']),
  ) as unknown as Handover[];
  const own = current(planned, 'equipment', today);
  const found = {
    table: 'equipment_items' as const,
    id: item.id,
    name: `${item.asset_tag} ${item.name}`,
    status: item.status,
  };
  // An item in a kit is booked with its booth.
  if (!own && item.booth_id)
    return { ...found, handover: (await boothOf(item.booth_id, today))?.handover ?? null };
  return { ...found, handover: own };
}

function current(planned: Handover[], kind: Handover['kind'], today: string): Handover | null {
  const byDate = (a: Handover, b: Handover) =>
    (a.date?.event_date ?? '').localeCompare(b.date?.event_date ?? '');
  const out = planned.filter(({ status }) => status === 'checked_out').sort(byDate)[0];
  const next = planned
    .filter(({ status, date }) => status === 'reserved' && (date?.event_date ?? '') >= today)
    .sort(byDate)[0];
  const one = out ?? next;
  return one ? { ...one, kind } : null;
}

/** Condition of an item at check-in. */
export interface Return {
  condition: Row<'equipment_items'>['condition'];
  /** Ids of missing items of the kit. */
  missing?: string[];
  damaged?: string[];
}

/** Checks items out and in. @throws Failure with the database's message, for example if an item is already out */
export function useHandover() {
  const client = useQueryClient();
  const done = () => void client.invalidateQueries({ queryKey: ['records'] });
  return {
    async checkOut({ kind, id }: Pick<Handover, 'kind' | 'id'>) {
      if (kind === 'booth') unwrap(await database.rpc('check_out_booth', { booth_assignment_id: id }));
      else unwrap(await database.rpc('check_out_equipment', { equipment_assignment_id: id }));
      done();
    },
    async checkIn(
      { kind, id }: Pick<Handover, 'kind' | 'id'>,
      { condition, missing = [], damaged = [] }: Return,
    ) {
      if (kind === 'booth') {
        unwrap(
          await database.rpc('check_in_booth', { booth_assignment_id: id, condition, missing, damaged }),
        );
      } else unwrap(await database.rpc('check_in_equipment', { equipment_assignment_id: id, condition }));
      done();
    },
  };
}
