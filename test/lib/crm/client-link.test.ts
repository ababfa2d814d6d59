import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createClientLink, readClientLink } from '@/lib/crm/client-link';

test('a link names its tenant and proves itself by a hash', () => {
  const tenantId = randomUUID();
  const { token, hash } = createClientLink(tenantId);
  assert.deepEqual(readClientLink(token), { tenantId, hash });
  assert.ok(!token.includes(hash));
  assert.notEqual(createClientLink(tenantId).token, token);
});

test('a broken link is refused', () => {
  const { token } = createClientLink(randomUUID());
  for (const broken of ['', 'x', token.slice(1), `${token}AA`, `${token.slice(0, -1)}*`]) {
    assert.throws(() => readClientLink(broken), { code: 'link_malformed' });
  }
});
