import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpooledFile } from '@/lib/crm/import/spool';

test('a file past what may be imported is refused as soon as it is too large', async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 1;
      yield new Uint8Array(1024);
    }
  }
  await assert.rejects(SpooledFile.receive(endless(), 10 * 1024), { code: 'body_too_large' });
  assert.equal(sent, 11);
});
