import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ReturnPaths } from '@/lib/crm/delivery/jobs';
import { signWebhook } from '@/lib/crm/delivery/webhooks';
import { bodyOf, startCompany } from '../start-company';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const company = await startCompany({ mailReportSecret: secret });
const paths = new ReturnPaths(secret);
const client = await company.service('a');

async function sentMail(status = 'sent'): Promise<{ id: string; contactId: string; path: string }> {
  const { data: contact } = await client
    .from('contacts')
    .insert({ first_name: 'Ann', email: 'ann@client.example' })
    .select('id')
    .single()
    .throwOnError();
  const { data } = await client
    .from('communications')
    .insert({ type: 'email', status, subject: 'Hello', contact_id: contact.id })
    .select('id')
    .single()
    .throwOnError();
  const path = paths.localPart({ tenantId: company.tenantIds.a, communicationId: data.id });
  return { id: data.id, contactId: contact.id, path };
}

function report(body: string, type = 'application/json', headers: Record<string, string> = {}) {
  const [id, timestamp] = [randomUUID(), Math.floor(Date.now() / 1000)];
  return company.ask('anonymous', 'POST', '/api/mail/reports', body, {
    'content-type': type,
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook(secret, id, timestamp, body),
    ...headers,
  });
}

async function stateOf(id: string) {
  const { data } = await client
    .from('communications')
    .select('status, failure_reason')
    .eq('id', id)
    .single()
    .throwOnError();
  return [data.status, data.failure_reason];
}

const asJson = (type: string, message: string, reason?: string) => JSON.stringify({ type, message, reason });

test('a provider’s report is recorded with the mail that it is about, once and for good', async () => {
  const { id, path } = await sentMail();
  assert.equal((await report(asJson('delivered', `<${path}@marquee.example>`))).status, 204);
  assert.deepEqual(await stateOf(id), ['delivered', null]);
  assert.equal((await report(asJson('bounced', path, 'The mailbox is full.'))).status, 204);
  assert.deepEqual(await stateOf(id), ['failed', 'The mailbox is full.']);
  assert.equal((await report(asJson('delivered', path))).status, 204);
  assert.deepEqual(await stateOf(id), ['failed', 'The mailbox is full.']);
});

test('a mail that came back is read as it is', async () => {
  const { id, path } = await sentMail();
  const mail = `Return-Path: <>\r\nDelivered-To: ${path}@bounces.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n`;
  assert.equal((await report(mail, 'message/rfc822')).status, 204);
  assert.deepEqual(await stateOf(id), ['failed', 'There is no such mailbox (5.1.1).']);
  assert.equal((await report('Subject: Away\r\n\r\nBack on Monday', 'message/rfc822')).status, 204);
});

test('who calls a mail spam gets no more', async () => {
  const { id, contactId, path } = await sentMail();
  await report(asJson('complained', path));
  assert.match(String((await stateOf(id))[1]), /reported it as spam/);
  const { data } = await client
    .from('contacts')
    .select('email_opt_out')
    .eq('id', contactId)
    .single()
    .throwOnError();
  assert.equal(data.email_opt_out, true);
});

test('what is not signed, too old, made up or about another tenant changes nothing', async () => {
  const { id, path } = await sentMail();
  const body = asJson('bounced', path);
  const code = async (answer: Response, status: number) =>
    (await bodyOf<{ code: string }>(answer, status)).code;
  assert.equal(
    await code(await report(body, undefined, { 'webhook-signature': 'v1,AAAA' }), 401),
    'report_signature_invalid',
  );
  const old = Math.floor(Date.now() / 1000) - 3600;
  const signature = signWebhook(secret, 'x', old, body);
  assert.equal(
    (
      await report(body, undefined, {
        'webhook-id': 'x',
        'webhook-timestamp': String(old),
        'webhook-signature': signature,
      })
    ).status,
    401,
  );
  assert.equal(await code(await report('{"type":"exploded"}'), 400), 'request_malformed');
  // Another tenant's address for this mail finds nothing there; a changed one is unknown.
  const elsewhere = paths.localPart({ tenantId: company.tenantIds.b, communicationId: id });
  for (const other of [elsewhere, `${path.slice(0, -1)}${path.endsWith('a') ? 'b' : 'a'}`, 'nothing'])
    assert.equal((await report(asJson('bounced', other))).status, 204);
  assert.deepEqual(await stateOf(id), ['sent', null]);
});

test('a mail that was never sent, or was written down by hand, is not reported', async () => {
  const { id, path } = await sentMail('logged');
  assert.equal((await report(asJson('bounced', path))).status, 204);
  assert.deepEqual(await stateOf(id), ['logged', null]);
});
