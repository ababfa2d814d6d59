// A process that fails in the way its first argument says, with the product's own handling of faults around it.
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endOnFault } from '@/cli/start/faults';
import { supervise } from '@/cli/start/supervise';

const [how, file = ''] = process.argv.slice(2);
const secret = 'The database at postgres://router:hunter2@db/x is gone.';

if (how === 'supervised') process.exit(await supervise([process.argv[1] ?? '', 'once', file]));

if (how === 'once') {
  let first = true;
  try {
    writeFileSync(file, '', { flag: 'wx' });
  } catch {
    first = false;
  }
  console.log(first ? 'first' : 'second');
  if (!first) process.exit(0);
}

const underWay: ServerResponse[] = [];
const server = createServer((request, response) => {
  if (request.url === '/under-way') underWay.push(response.writeHead(200));
  response.flushHeaders();
  if (request.url === '/throw') setImmediate(() => fail());
  if (request.url === '/reject') setImmediate(() => void Promise.reject(new Error(secret)));
});
function fail(): void {
  throw new Error(secret);
}
endOnFault(
  () => {
    for (const response of underWay) response.end('acknowledged');
    server.closeIdleConnections();
    if (how !== 'never-done') server.close(() => process.exit());
  },
  how === 'never-done' ? 100 : undefined,
);
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
  if (how === 'once' || how === 'never-done') setImmediate(fail);
});
