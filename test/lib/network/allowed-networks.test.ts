import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { AllowedNetworks, CheckedSocket } from '@/lib/network';

const publicOnly = new AllowedNetworks();

test('only addresses on the internet are allowed, in whatever form they are written', () => {
  for (const address of [
    ...['127.0.0.1', '127.8.9.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    // Link-local with the clouds' metadata services, carrier-grade NAT, Azure's metadata service.
    ...['169.254.169.254', '100.64.0.1', '100.100.100.200', '168.63.129.16', '224.0.0.1', '255.255.255.255'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'fd00:ec2::254',
      'fc00::1',
      'ff02::1',
      '2002:7f00:1::',
      '64:ff9b::a00:1',
    ],
    // IPv4 within IPv6.
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:169.254.169.254',
      '0:0:0:0:0:ffff:0a00:0001',
      '::127.0.0.1',
    ],
    ...['localhost', '', '0x7f.1', '2130706433'],
  ]) {
    assert.equal(publicOnly.allows(address), false, address);
  }
  for (const address of [
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:2800:220:1::1',
    '::ffff:93.184.216.34',
  ]) {
    assert.equal(publicOnly.allows(address), true, address);
  }
});

test('a network that the operator allows is let in, and no other', () => {
  const allowed = new AllowedNetworks(['10.20.0.0/16', 'fd12:3456::/48']);
  for (const address of ['10.20.1.1', '::ffff:10.20.1.1', 'fd12:3456::1', '93.184.216.34'])
    assert.ok(allowed.allows(address), address);
  for (const address of ['10.21.1.1', 'fd12:3457::1', '127.0.0.1'])
    assert.ok(!allowed.allows(address), address);
  assert.equal(allowed.toString(), 'public,10.20.0.0/16,fd12:3456::/48');
  assert.deepEqual(AllowedNetworks.parse(allowed.toString())?.networks, allowed.networks);
  assert.equal(AllowedNetworks.parse(undefined), undefined);
  for (const network of ['10.0.0.0', '10.0.0.0/33', 'all', '10.0.0.0/8;x', '::/129', '/8'])
    assert.throws(() => new AllowedNetworks([network]), { code: 'network_invalid' }, network);
});

test('a socket reaches an address or a name only where every address of it is allowed', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.end();
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const connect = async (host: string, options: ConstructorParameters<typeof CheckedSocket>[0]) => {
    const socket = new CheckedSocket(options);
    socket.connect(port, host);
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  };
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '127.1', '::ffff:127.0.0.1', '0.0.0.0']) {
    await assert.rejects(connect(host, { rule: publicOnly }), { code: 'address_refused' }, host);
  }
  // The name says whose certificate is expected; the address is what is connected to.
  await assert.rejects(connect('db.example.com', { rule: publicOnly, hostaddr: () => '127.0.0.1' }), {
    code: 'address_refused',
  });
  const path = new CheckedSocket({ rule: publicOnly });
  (path as unknown as { connect(path: string): void }).connect('/var/run/postgresql/.s.PGSQL.5432');
  await assert.rejects(once(path, 'connect'), { code: 'address_refused' });
  assert.equal(connections, 0);
  const rule = new AllowedNetworks(['127.0.0.0/8']);
  await connect('127.0.0.1', { rule });
  await connect('db.example.com', { rule, hostaddr: () => '127.0.0.1' });
  assert.equal(connections, 2);
});
