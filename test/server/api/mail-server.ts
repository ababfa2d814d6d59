// A mail server that speaks as much SMTP (RFC 5321) as a client needs, keeps what it is sent, and refuses some recipients.
import { createServer, type Socket } from 'node:net';
import { after } from 'node:test';

export interface MailServer {
  url: string;
  received: { recipients: string[]; data: string }[];
  /** Addresses that have no mailbox. */
  refuse: Set<string>;
}

/** Ended after the test file. */
export async function startMailServer(): Promise<MailServer> {
  const received: MailServer['received'] = [];
  const refuse = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let unread = '';
    let recipients: string[] = [];
    let isData = false;
    const answer = (line: string) => socket.write(`${line}\r\n`);
    answer('220 test');
    const take = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (verb === 'MAIL') recipients = [];
      if (verb === 'RCPT' && refuse.has(address)) return answer('550 5.1.1 no such mailbox');
      if (verb === 'RCPT') recipients.push(address);
      if (verb === 'DATA') isData = true;
      answer(isData ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 ok');
    };
    socket.on('data', (chunk) => {
      unread += chunk.toString('latin1');
      for (;;) {
        const ending = isData ? '\r\n.\r\n' : '\r\n';
        const end = unread.indexOf(ending);
        if (end < 0) return;
        const text = unread.slice(0, end);
        unread = unread.slice(end + ending.length);
        if (!isData) take(text);
        else {
          isData = false;
          received.push({ recipients, data: text.replace(/^\.\./gm, '.') });
          answer('250 kept');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `smtp://127.0.0.1:${port}`, received, refuse };
}
