import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';

/** A way to a server that can begin to swallow what is sent over it, as a network does: nothing is closed or refused. */
export interface Proxy {
  /** The URL by way of the proxy. */
  through(url: string): string;
  partition(): void;
  heal(): void;
}

export async function startProxy(serverUrl: string): Promise<Proxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let cut = false;
  const carry = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (chunk) => {
      // What was swallowed is lost: a connection that was used meanwhile does not come to life again.
      if (cut) from.pause();
      else to.write(chunk);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((socket) => {
    const onward = connect({ host: hostname, port: Number(port) });
    carry(socket, onward);
    carry(onward, socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    through(url) {
      const way = new URL(url);
      way.hostname = '127.0.0.1';
      way.port = String((server.address() as AddressInfo).port);
      return way.toString();
    },
    partition() {
      cut = true;
    },
    heal() {
      cut = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}
