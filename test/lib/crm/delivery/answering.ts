import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

/** A server that answers every request as the function says. @returns its URL */
export async function serve(
  answer: (body: string, headers: Record<string, string>) => { status: number; json?: object },
) {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const { status, json } = answer(body, request.headers as Record<string, string>);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json ?? {}));
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
