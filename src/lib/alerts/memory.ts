// The memory of rules between records, in the operations database.
import type pg from 'pg';

/** Counts and known values of rules. */
export class Memory {
  constructor(private readonly client: pg.ClientBase) {}

  /** Counts a record. @returns the count of this key within the given seconds before the record, including the record */
  async count(
    { rule, key, seconds }: { rule: string; key: string; seconds: number },
    record: { id: string; at: Date; amount: number },
  ): Promise<number> {
    await this.client.query(
      `insert into alert_counted (rule, key, record_id, at, amount) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [rule, key, record.id, record.at, record.amount],
    );
    const { rows } = await this.client.query<{ sum: number }>(
      `select sum(amount) from alert_counted
       where rule = $1 and key = $2 and at > $3::timestamptz - make_interval(secs => $4) and record_id <= $5`,
      [rule, key, record.at, seconds, record.id],
    );
    return rows[0]?.sum ?? 0;
  }

  /** Resets a count after it has raised an alert. */
  async forgetCounted(rule: string, key: string): Promise<void> {
    await this.client.query('delete from alert_counted where rule = $1 and key = $2', [rule, key]);
  }

  /**
   * Remembers a value.
   *
   * @returns whether the value was not seen for that many days, and other values were known before
   */
  async isNew(
    { rule, key, rememberDays }: { rule: string; key: string; rememberDays: number },
    value: string,
    at: Date,
  ): Promise<boolean> {
    const { rows } = await this.client.query<{ is_new: boolean }>(
      `with former as (
         select max(seen_at) filter (where value = $3) seen_at, count(*) known from alert_known where rule = $1 and key = $2
       ), kept as (
         insert into alert_known (rule, key, value, seen_at) values ($1, $2, $3, $4)
         on conflict (rule, key, value) do update set seen_at = greatest(alert_known.seen_at, excluded.seen_at)
       )
       select known > 0 and (seen_at is null or seen_at < $4::timestamptz - make_interval(days => $5)) is_new from former`,
      [rule, key, value, at, rememberDays],
    );
    return rows[0]?.is_new ?? false;
  }

  /** Removes counts and values that are too old for every rule. */
  async forgetOld(longestSeconds: number): Promise<void> {
    await this.client.query('delete from alert_counted where at < now() - make_interval(secs => $1)', [
      longestSeconds,
    ]);
  }
}
