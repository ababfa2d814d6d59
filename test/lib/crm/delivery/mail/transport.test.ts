import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  createOutboxTransport,
  createSmtpTransport,
  type MailMessage,
} from '@/lib/crm/delivery/mail/transport';

const message: MailMessage = {
  from: 'Flash <hello@flash.example>',
  to: 'ann@client.example',
  subject: 'Your quote — 写真',
  html: '<p>Hello</p>',
  text: 'Hello',
  messageId: 'q1@flash.example',
};

/** A contract fake of an SMTP server (RFC 5321): answers RCPT as it is told and keeps what it is sent. */
async function fakeSmtp(rcptAnswer: string): Promise<{ url: string; received: string[]; senders: string[] }> {
  const received: string[] = [];
  const senders: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let data = false;
    let mail = '';
    socket.write('220 fake\r\n');
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (data) {
        mail += text;
        if (mail.endsWith('\r\n.\r\n')) {
          received.push(mail);
          data = false;
          socket.write('250 kept\r\n');
        }
        return;
      }
      for (const line of text.split('\r\n').filter(Boolean)) {
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'DATA') data = true;
        if (verb === 'MAIL') senders.push(line);
        const answers: Record<string, string> = { RCPT: rcptAnswer, DATA: '354 go on', QUIT: '221 bye' };
        socket.write(`${answers[verb] ?? '250 ok'}\r\n`);
      }
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { url: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, received, senders };
}

test('mail goes out through SMTP', async () => {
  const { url, received } = await fakeSmtp('250 ok');
  const transport = createSmtpTransport(url);
  after(() => transport.close());
  await transport.send(message);
  assert.match(received[0] ?? '', /Message-ID: <q1@flash\.example>/);
});

test('a mailbox that does not exist is final, a busy one is not, a dead server is not', async () => {
  for (const [answer, code, permanent] of [
    ['550 no such user', 'mail_rejected', true],
    ['451 later', 'mail_unavailable', false],
  ] as const) {
    const transport = createSmtpTransport((await fakeSmtp(answer)).url);
    await assert.rejects(transport.send(message), { code, permanent });
    transport.close();
  }
  const dead = createSmtpTransport('smtp://someone:secret-word@127.0.0.1:1');
  await assert.rejects(dead.send(message), (error: Error) => {
    assert.ok(!error.message.includes('secret-word'));
    return (error as { code?: string }).code === 'mail_unavailable';
  });
  dead.close();
});

test('without SMTP a mail lies in the outbox to be read', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-outbox-'));
  after(() => rm(directory, { recursive: true }));
  const outbox = createOutboxTransport(directory);
  await outbox.send(message);
  const [name] = await outbox.list();
  assert.match(await outbox.read(name ?? ''), /To: ann@client\.example/);
});

test('a mail comes back to its return path, and says its sender to people', async () => {
  const { url, received, senders } = await fakeSmtp('250 ok');
  const transport = createSmtpTransport(url);
  after(() => transport.close());
  await transport.send({ ...message, returnPath: 'abc@bounces.flash.example' });
  assert.match(senders[0] ?? '', /^MAIL FROM:<abc@bounces\.flash\.example>/);
  assert.match(received[0] ?? '', /^From: Flash <hello@flash\.example>/m);
});
