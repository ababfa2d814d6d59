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

test('while a secret is replaced, names of the former one still say their mail', () => {
  const [former, present] = ['7', '8'].map((digit) => Buffer.alloc(32, Number(digit)).toString('base64'));
  const mail = { tenantId: crypto.randomUUID(), communicationId: crypto.randomUUID() };
  const local = new ReturnPaths(former ?? '').localPart(mail);
  const replaced = new ReturnPaths(present ?? '', [former ?? '']);
  assert.deepEqual(replaced.find(local), mail);
  assert.equal(new ReturnPaths(former ?? '').find(replaced.localPart(mail)), undefined);
});

test('the return path of a mail cannot be forged: no digit of it can be changed', () => {
  const local = paths.localPart({ tenantId: randomUUID(), communicationId: randomUUID() });
  for (let at = 0; at < local.length; at++) {
    const digit = local[at] === '0' ? '1' : '0';
    assert.equal(paths.find(local.slice(0, at) + digit + local.slice(at + 1)), undefined);
  }
});

const bounce = (fields: string) =>
  `From: MAILER-DAEMON@mx.example\r\nTo: x@b.example\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAction: failed (says the text, which is no field)\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@client.example\r\n${fields}\r\n--b--\r\n`;

/** A report that is one part, written as given. */
const report = (part: string) =>
  `From: x@mx.example\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n${part}\r\n--b--\r\n`;

test('a bounce is put in words for the company’s staff', async () => {
  const reason = async (fields: string) => (await readDeliveryStatus(bounce(fields)))?.reason;
  assert.equal(
    await reason(
      'Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <ann@client.example>:\r\n User unknown',
    ),
    'There is no such mailbox (5.1.1). The server said: 550 5.1.1 <ann@client.example>: User unknown',
  );
  assert.match(
    (await reason('Action: failed\r\nStatus: 5.2.2')) ?? '',
    /^The mailbox is full \(5\.2\.2\)\.$/,
  );
  assert.match((await reason('Action: failed\r\nStatus: 4.4.7 (delivery time expired)')) ?? '', /for days/);
  assert.match((await reason('Action: Failed')) ?? '', /^It could not be delivered\.$/);
});

test('a bounce is read however its parts are written', async () => {
  const fields =
    'Reporting-MTA: dns; mx.example\n\nFinal-Recipient: utf-8; añn@client.example\nAction: failed\nStatus: 5.2.2\n';
  const encoded = Buffer.from(fields).toString('base64');
  const head = 'Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding';
  for (const mail of [
    report(`${head}: base64\r\n\r\n${encoded}`),
    report(`${head}: 8bit\r\n\r\n${fields.replaceAll('\n', '\r\n')}`).replaceAll('\r\n', '\n'),
    report(
      'content-type:\r\n  MESSAGE/Delivery-Status; charset=us-ascii\r\n\r\nAction:failed\r\nStatus: 5.2.2',
    ),
  ])
    assert.equal((await readDeliveryStatus(mail))?.reason, 'The mailbox is full (5.2.2).', mail);
});

test('a report of abuse is a complaint; one of other kinds is not', async () => {
  const feedback = (type: string) =>
    report(
      `Content-Type: message/feedback-report\r\n\r\nFeedback-Type: ${type}\r\nUser-Agent: x/1\r\nVersion: 1`,
    );
  assert.deepEqual(await readDeliveryStatus(feedback('abuse')), { type: 'complained' });
  assert.equal(await readDeliveryStatus(feedback('not-spam')), undefined);
});

test('delays, automatic answers and other mail say nothing that is final', async () => {
  assert.equal(await readDeliveryStatus(bounce('Action: delayed\r\nStatus: 4.4.1')), undefined);
  for (const text of [
    'Subject: Out of office\r\n\r\nI am away. Action: failed\r\n',
    // Quoted in the text of an answer, it is not a part of the mail.
    'Subject: Re: Question\r\n\r\nWhat does this mean?\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n',
    Array.from(
      { length: 300 },
      (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`,
    ).join(''),
  ])
    assert.equal(await readDeliveryStatus(text), undefined, text.slice(0, 100));
  assert.deepEqual(await readDeliveryStatus(bounce('Action: delivered\r\nStatus: 2.0.0')), {
    type: 'delivered',
  });
});
