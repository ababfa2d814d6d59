import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDeliveryStatus } from '@/lib/crm/delivery/mail/report';
import { ReturnPaths } from '@/lib/crm/delivery/mail/return-path';

const paths = new ReturnPaths(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
const others = new ReturnPaths(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);

test('a return path names its mail, in any case, within what an address may hold', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (tenantId, communicationId) => {
      const local = paths.localPart({ tenantId, communicationId });
      assert.match(local, /^[0-9a-z]{64}$/);
      for (const text of [`<${local}@b.example>`, `X-Original-To: ${local.toUpperCase()}@B.EXAMPLE\r\n`])
        assert.deepEqual(paths.find(text), { tenantId, communicationId });
      assert.equal(others.find(local), undefined);
    }),
  );
});

test('nobody makes up the return path of a mail: no digit of it can be changed', () => {
  const local = paths.localPart({ tenantId: randomUUID(), communicationId: randomUUID() });
  for (let at = 0; at < local.length; at++) {
    const digit = local[at] === '0' ? '1' : '0';
    assert.equal(paths.find(local.slice(0, at) + digit + local.slice(at + 1)), undefined);
  }
});

const bounce = (fields: string) =>
  `From: MAILER-DAEMON@mx.example\r\nTo: x@b.example\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAction: failed (says the text, which is no field)\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@client.example\r\n${fields}\r\n--b--\r\n`;

test('a bounce is put in words for the company’s staff', () => {
  const reason = (fields: string) => readDeliveryStatus(bounce(fields))?.reason;
  assert.equal(
    reason(
      'Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <ann@client.example>:\r\n User unknown',
    ),
    'There is no such mailbox (5.1.1). The server said: 550 5.1.1 <ann@client.example>: User unknown',
  );
  assert.match(reason('Action: failed\r\nStatus: 5.2.2') ?? '', /^The mailbox is full \(5\.2\.2\)\.$/);
  assert.match(reason('Action: failed\r\nStatus: 4.4.7 (delivery time expired)') ?? '', /for days/);
  assert.match(reason('Action: Failed') ?? '', /^It could not be delivered\.$/);
});

test('delays, automatic answers and other mail say nothing that is final', () => {
  assert.equal(readDeliveryStatus(bounce('Action: delayed\r\nStatus: 4.4.1')), undefined);
  assert.equal(readDeliveryStatus('Subject: Out of office\r\n\r\nI am away. Action: failed\r\n'), undefined);
  assert.deepEqual(readDeliveryStatus(bounce('Action: delivered\r\nStatus: 2.0.0')), { type: 'delivered' });
});
