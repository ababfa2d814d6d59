import { useQueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { shiftDays } from '../../hooks/dates/days';
import { queueEdit } from '../../hooks/offline/edit-queue';
import type { CallName } from '../../hooks/offline/edits';
import { database, unwrap } from '../../hooks/request/database';
import { isUnreachable } from '../../hooks/request/failures';
import type { Row } from '../../hooks/request/query';
import { sameNumber } from '../../hooks/request/typed-text';
import type { Scanned } from './read-code';

/** An assignment of a booth with its kit, or of a single item, to an event date: checked out, then checked in. */
export interface Handover {
  kind: 'booth' | 'equipment';
  id: string;
  status: string;
  checked_out_at: string | null;
  item: { id: string; name: string; asset_tag?: string } | null;
  /** The kit of a booth, if it was read. */
  kit?: { item: { id: string; name: string; asset_tag: string } | null }[];
  event: { id: string; title: string } | null;
  date: { event_date: string; setup_time: string | null; start_time: string } | null;
}

/** The range that a booking's `per` overlaps unless it is over; a day more, since `per` is in UTC. */
export function notOver(today: string): string {
  return `[${shiftDays(today, -1)},)`;
}

/** Bookings that may still be handed over, as a condition of PostgREST: what is over and was never checked out is left out. */
export function pending(today: string): string {
  return `status.eq.checked_out,and(status.eq.reserved,per.ov."${notOver(today)}")`;
}

/** Columns of a handover, for either assignment table. */
export const HANDOVER = {
  booth: `id,status,checked_out_at,item:booths!booth_assignments_booth_id_fkey(id,name),kit:equipment_assignments!equipment_assignments_booth_assignment_id_fkey(item:equipment_items!equipment_assignments_equipment_item_id_fkey(id,name,asset_tag)),event:events!booth_assignments_event_id_fkey(id,title),date:event_dates!booth_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time)`,
  equipment: `id,status,checked_out_at,item:equipment_items!equipment_assignments_equipment_item_id_fkey(id,name,asset_tag),event:events!equipment_assignments_event_id_fkey(id,title),date:event_dates!equipment_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time)`,
} as const;

/** Path of an item's page. */
export function itemPath({ kind, item }: Pick<Handover, 'kind' | 'item'>): string {
  return `/inventory/${kind === 'booth' ? 'booths' : 'equipment'}/${item?.id}`;
}

export interface FoundItem {
  table: 'booths' | 'equipment_items';
  id: string;
  name: string;
  status: string;
  /** The current check-out, else the next booking; null if there is none. */
  handover: Handover | null;
}

/**
 * Finds an item by label, asset tag, number or name; without a connection among the handovers that this device holds.
 *
 * @returns null if there is none
 */
export async function findItem(
  scanned: Scanned,
  today: string,
  held: readonly Handover[] = [],
): Promise<FoundItem | null> {
  try {
    return await findOnServer(scanned, today);
  } catch (error) {
    const found = isUnreachable(error) ? findHeld(scanned, held) : null;
    if (!found) throw error;
    return found;
  }
}

function findHeld(scanned: Scanned, held: readonly Handover[]): FoundItem | null {
  const isMeant = (item: Handover['item'] | undefined, table: FoundItem['table']) => {
    if (!item) return false;
    if ('id' in scanned) return scanned.table === table && scanned.id === item.id;
    const text = scanned.text.trim().toLowerCase();
    return [item.name, item.asset_tag].some((name) => name?.toLowerCase() === text);
  };
  for (const handover of held) {
    const table = handover.kind === 'booth' ? 'booths' : 'equipment_items';
    const parts = handover.kit?.map(({ item }) => item) ?? [];
    const part = parts.find((item) => isMeant(item, 'equipment_items'));
    const item = isMeant(handover.item, table) ? handover.item : part;
    if (!item) continue;
    return {
      table: item === part ? 'equipment_items' : table,
      id: item.id,
      name: [item.asset_tag, item.name].filter(Boolean).join(' '),
      status: handover.status,
      handover,
    };
  }
  return null;
}

async function findOnServer(scanned: Scanned, today: string): Promise<FoundItem | null> {
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

async function boothOf(id: string, today: string): Promise<FoundItem | null> {
  const booth = unwrap<Row<'booths'> | null>(
    await database.from('booths').select('*').eq('id', id).maybeSingle(),
  );
  if (!booth) return null;
  const planned = unwrap(
    await database.from('booth_assignments').select(HANDOVER.booth).eq('booth_id', id).or(pending(today)),
  ) as unknown as Handover[];
  return {
    table: 'booths',
    id,
    name: booth.name,
    status: booth.status,
    handover: current(planned, 'booth', today),
  };
}

async function itemOf(id: string, today: string): Promise<FoundItem | null> {
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
      .or(pending(today)),
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

/**
 * Checks items out and in, and takes a check-out back. Without a connection a check-out or check-in is kept on this device and sent
 * later. @returns (by both) whether it was sent; `kept`: it was checked in before its event, so it is still reserved
 *
 * @throws Failure with the database's message, for example if an item is already out
 */
export function useHandover() {
  const client = useQueryClient();
  const run = async (handover: Handover, name: CallName, parameters: Record<string, unknown>) => {
    const { id, item, event, status } = handover;
    const isOut = name.startsWith('check_out');
    try {
      const { status: now } = unwrap<{ status: string }>(await database.rpc(name, parameters as never));
      return now === 'reserved' ? 'kept' : 'sent';
    } catch (error) {
      if (!isUnreachable(error) || status !== (isOut ? 'reserved' : 'checked_out')) throw error;
      await queueEdit({
        ...{ kind: 'call', name, id, parameters, key: `${name}:${id}`, group: `events:${event?.id}` },
        label: `${item?.name}: ${i18next.t(isOut ? 'inventory.checkOut' : 'inventory.checkIn')}`,
      });
      return 'queued';
    } finally {
      void client.invalidateQueries({ queryKey: ['records'] });
    }
  };
  return {
    checkOut: (handover: Handover) =>
      handover.kind === 'booth'
        ? run(handover, 'check_out_booth', { booth_assignment_id: handover.id })
        : run(handover, 'check_out_equipment', { equipment_assignment_id: handover.id }),
    checkIn: (handover: Handover, { condition, missing = [], damaged = [] }: Return) =>
      handover.kind === 'booth'
        ? run(handover, 'check_in_booth', { booth_assignment_id: handover.id, condition, missing, damaged })
        : run(handover, 'check_in_equipment', { equipment_assignment_id: handover.id, condition }),
    async undoCheckOut({ kind, id }: Pick<Handover, 'kind' | 'id'>) {
      if (kind === 'booth') unwrap(await database.rpc('undo_check_out_booth', { booth_assignment_id: id }));
      else unwrap(await database.rpc('undo_check_out_equipment', { equipment_assignment_id: id }));
      void client.invalidateQueries({ queryKey: ['records'] });
    },
  };
}
