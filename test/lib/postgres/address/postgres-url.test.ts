import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatPostgresUrl,
  nameOfServer,
  type PostgresUrl,
  parsePostgresUrl,
  urlAt,
  withoutPassword,
} from '@/lib/postgres';

const hostsOf = (text: string) => parsePostgresUrl(text)?.hosts;

describe('a PostgreSQL URL', () => {
  test('names several hosts, each with its own port or the default one', () => {
    const url = parsePostgresUrl('postgres://u:p%40ss@h1:5501,h2,[::1]:5503/my%20db?sslmode=require');
    assert.deepEqual(url?.hosts, [
      { host: 'h1', port: 5501 },
      { host: 'h2', port: 5432 },
      { host: '::1', port: 5503 },
    ]);
    assert.deepEqual([url?.user, url?.password, url?.database], ['u', 'p@ss', 'my db']);
    assert.equal(url?.parameters.get('sslmode'), 'require');
  });

  test('may name its hosts, addresses and ports by parameters, as libpq takes them', () => {
    assert.deepEqual(hostsOf('postgresql:///db?host=a,b&port=1,2'), [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]);
    assert.deepEqual(hostsOf('postgresql://u@a,b/db?hostaddr=10.0.0.1,10.0.0.2&port=7'), [
      { host: 'a', port: 7, hostaddr: '10.0.0.1' },
      { host: 'b', port: 7, hostaddr: '10.0.0.2' },
    ]);
    const named = parsePostgresUrl('postgresql://h/?user=u&password=p&dbname=d');
    assert.deepEqual(
      [named?.user, named?.password, named?.database, named?.parameters.size],
      ['u', 'p', 'd', 0],
    );
    assert.deepEqual(hostsOf('postgresql://u@/db?host=/run/postgresql'), [
      { host: '/run/postgresql', port: 5432 },
    ]);
  });

  test('is refused where it names no host, or ports and hosts that do not fit', () => {
    for (const text of [
      'https://example.com/db',
      'postgresql:///db',
      'postgresql://u@h1,,h2/db',
      'postgresql://u@h1:x/db',
      'postgresql://u@h1:70000/db',
      'postgresql://u@a,b,c/db?port=1,2',
      'postgresql://u@a,b/db?hostaddr=10.0.0.1',
      'postgresql://u:%zz@h/db',
    ]) {
      assert.equal(parsePostgresUrl(text), undefined, text);
    }
  });

  test('is written as it was read', () => {
    for (const text of [
      'postgresql://u:p%2F%40@h1:5501,h2:5502/db?target_session_attrs=read-write',
      'postgresql://u@[::1]:5432/a@b',
      'postgresql://u@a:1,b:2/db?hostaddr=10.0.0.1%2C10.0.0.2',
    ]) {
      assert.equal(formatPostgresUrl(parsePostgresUrl(text) as PostgresUrl), text);
    }
  });

  test('gives a driver that knows one host only the URL of each', () => {
    const text = 'postgresql://u:p@h1:5501,h2:5502/db?sslmode=require';
    const { hosts } = parsePostgresUrl(text) as PostgresUrl;
    assert.deepEqual(
      hosts.map((host) => urlAt(text, host)),
      ['postgresql://u:p@h1:5501/db?sslmode=require', 'postgresql://u:p@h2:5502/db?sslmode=require'],
    );
    const single = 'postgres://u:p@h1/db';
    assert.equal(urlAt(single, { host: 'h1', port: 5432 }), single);
  });

  test('names one server, in whatever order its hosts are written', () => {
    const names = ['postgres://u@B:2,a:1/x', 'postgres://v@a:1,b:2/y'].map((text) =>
      nameOfServer(parsePostgresUrl(text) as PostgresUrl),
    );
    assert.deepEqual(names, ['a:1,b:2', 'a:1,b:2']);
  });
});

test('a URL is shown without its secrets, wherever they stand', () => {
  for (const [url, shown] of [
    ['postgresql://u:secret@h/db?sslmode=require', 'u@h:5432/db?sslmode=require'],
    ['postgresql://u@h/db?password=secret&sslpassword=secret', 'u@h:5432/db'],
    ['postgresql://u:secret@a:1,b:2/db', 'u@a:1,b:2/db'],
    ['postgresql://u:secret@h/db?host=other', 'u@other:5432/db'],
    ['https://u:secret@p.supabase.co/?apikey=secret', 'p.supabase.co/'],
    // Keys of claims, and whatever is not known to be harmless.
    [
      'postgresql://u:p@h/d?sslmode=require&marquee_seal=0f&options=-c%20a.secret%3Dx',
      'u@h:5432/d?sslmode=require',
    ],
    ['secret', 'not a URL'],
  ]) {
    assert.equal(withoutPassword(url as string), shown);
  }
});

test('what a record shows of a URL has no secret in it: no password, no key of a router', () => {
  const url =
    'postgresql://router:hunter2@db:5432/d?sslmode=verify-full&marquee_seal=5ea1&password=hunter3&marquee_ca=eA';
  assert.equal(withoutPassword(url), 'router@db:5432/d?sslmode=verify-full');
});
