/** An event of a tenant's outbox: written by triggers, in the transaction that changes the rows. */
export interface OutboxEvent {
  /** Stays the same each time the event is read. */
  id: string;
  /** `invoice.paid`, … */
  type: string;
  /** Ids of the rows that it is about. */
  rows: Record<string, string>;
  occurred_at: string;
}
