/** A booking of a booth for a deal's date. */
export interface Booked {
  id: string;
  status: string;
  hold_expires_at: string | null;
  created_by: string | null;
  overbooked: boolean;
  booth: { name: string } | null;
}

/** Whether a booking takes its booth: an expired hold does not. */
export function isActive({ status, hold_expires_at }: Pick<Booked, 'status' | 'hold_expires_at'>): boolean {
  if (status === 'hold') return hold_expires_at !== null && Date.parse(hold_expires_at) > Date.now();
  return ['reserved', 'checked_out', 'returned'].includes(status);
}
