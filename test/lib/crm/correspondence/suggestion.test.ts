import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DealRows } from '@/lib/crm/closing';
import { suggestMail } from '@/lib/crm/correspondence';

const TODAY = '2026-06-15';

function suggested(invoice: Record<string, unknown>, language = 'en-US'): string {
  const rows = {
    invoice: { status: 'sent', viewed_at: null, next_due_amount: 60_500, next_due_date: TODAY, ...invoice },
  } as unknown as DealRows;
  const company = { timezone: 'America/New_York', payment_instructions: '' };
  // The 15th in New York, already the 16th in UTC.
  return suggestMail(rows, language, company, new Date('2026-06-16T01:00:00Z'))?.body ?? '';
}

test('a mail about an invoice says what is true of it: due, overdue, without a date, paid', () => {
  assert.match(suggested({}), /is due on/);
  assert.match(suggested({ viewed_at: '2026-06-14T10:00:00Z' }), /reminder/);
  for (const language of ['en-US', 'de-DE']) {
    const overdue = suggested({ next_due_date: '2026-06-14' }, language);
    assert.match(overdue, /reminder|offen/);
    assert.doesNotMatch(overdue, /is due on|sind am/);
    assert.doesNotMatch(suggested({ next_due_date: null }, language), /next_due_date/);
    assert.match(suggested({ next_due_amount: 0, next_due_date: null }, language), /paid in full|bezahlt/);
  }
  assert.equal(suggested({ status: 'draft' }), '');
});
