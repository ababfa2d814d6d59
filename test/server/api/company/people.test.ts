import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword } from '@/lib/identity';
import { until } from '../../../support/until';
import { PASSWORD, startMarquee } from '../../running-server';

const marquee = await startMarquee();

async function as(email: string) {
  const place = email.split('@')[1]?.split('.')[0] ?? '';
  const origin = `http://127.0.0.1:${marquee.port}`;
  const headers = { 'content-type': 'application/json', origin };
  const credentials = JSON.stringify({ email, password: PASSWORD });
  const signedIn = await fetch(`${marquee.address(place)}/api/session`, {
    method: 'POST',
    body: credentials,
    headers,
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (method: string, path: string, body?: unknown) => {
    const init = { method, headers: { ...headers, cookie }, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(`${marquee.address(place)}/api/people${path}`, init);
    return {
      status: response.status,
      body: (await response.json().catch(() => ({}))) as Record<string, never>,
    };
  };
}

test('owners read how an account changed, and who changed it; others do not', async () => {
  const [owner, viewer] = [await as('owner@a.example'), await as('viewer@a.example')];
  const made = await owner('POST', '', { email: 'moved@a.example', displayName: 'Mo', role: 'staff' });
  const { id } = (made.body as unknown as { person: { id: string } }).person;
  assert.equal((await owner('PATCH', `/${id}`, { role: 'sales' })).status, 200);
  assert.equal((await owner('PATCH', `/${id}`, { displayName: 'Mo Moss', status: 'disabled' })).status, 200);
  // A sign-in is recorded too, and is none of it.
  await marquee.application.users.recordSignIn(id);
  const read = await owner('GET', `/${id}/changes`);
  const { changes } = read.body as unknown as {
    changes: { action: string; columns: Record<string, [unknown, unknown]>; changedBy: string }[];
  };
  assert.deepEqual(
    changes.map(({ action, columns }) => [action, columns]),
    [
      ['changed', { display_name: ['Mo', 'Mo Moss'], status: ['invited', 'disabled'] }],
      ['changed', { role: ['staff', 'sales'] }],
      ['added', {}],
    ],
  );
  const { people } = (await viewer('GET', '')).body as unknown as { people: { id: string; email: string }[] };
  const [me] = people.filter(({ email }) => email === 'owner@a.example');
  assert.ok(changes.every(({ changedBy }) => changedBy === me?.id));
  assert.equal((await viewer('GET', `/${id}/changes`)).status, 403);
  await marquee.application.users.remove(id);
});

test('everyone sees their colleagues, owners manage them, others do not', async () => {
  const [owner, viewer] = [await as('owner@a.example'), await as('viewer@a.example')];
  const { people } = (await viewer('GET', '')).body as unknown as {
    people: { id: string; email: string; role: string }[];
  };
  assert.deepEqual(people.map((person) => person.email).sort(), [
    'owner@a.example',
    'sales@a.example',
    'viewer@a.example',
  ]);
  const person = { email: 'new@a.example', displayName: 'New', role: 'staff' };
  assert.equal((await viewer('POST', '', person)).status, 403);
  const made = await owner('POST', '', person);
  assert.equal(made.status, 201);
  assert.equal((await owner('POST', '', person)).status, 409);
  const { id } = (made.body as unknown as { person: { id: string } }).person;
  const roles = async () => {
    const service = await marquee.manager.getClientForTenant(marquee.a.id, true);
    const { data } = await service.from('user_role_history').select('role,effective').eq('user_id', id);
    return data;
  };
  const { 0: asStaff, length } = (await roles()) ?? [];
  assert.deepEqual([length, asStaff?.role], [1, 'staff'], 'a list of crew includes them');
  assert.equal((await owner('PATCH', `/${id}`, { role: 'manager' })).status, 200);
  assert.deepEqual(
    (await roles())?.map(({ role }) => role),
    ['manager'],
  );
  assert.equal((await owner('PATCH', `/${id}`, { status: 'disabled' })).status, 200);
  assert.deepEqual(await roles(), []);
});

test('only an owner makes, changes or removes an owner', async () => {
  const owner = await as('owner@a.example');
  const idOf = (made: { body: object }) => (made.body as { person: { id: string } }).person.id;
  const admin = await marquee.application.users.create({
    ...{ tenantId: marquee.a.id, email: 'admin@a.example', displayName: 'Admin', role: 'admin' },
    passwordHash: await hashPassword(PASSWORD),
  });
  const byAdmin = await as('admin@a.example');
  const { people } = (await owner('GET', '')).body as unknown as { people: { id: string; role: string }[] };
  const ownerId = people.find((person) => person.role === 'owner')?.id;
  const attempts: [method: string, path: string, body: object][] = [
    ['POST', '', { email: 'boss@a.example', displayName: 'Boss', role: 'owner' }],
    ['PATCH', `/${admin.id}`, { role: 'owner' }],
    ['PATCH', `/${ownerId}`, { role: 'viewer' }],
    ['PATCH', `/${ownerId}`, { status: 'disabled' }],
    ['PATCH', `/${ownerId}`, { displayName: 'Renamed' }],
  ];
  for (const [method, path, body] of attempts)
    assert.equal(
      (await byAdmin(method, path, body)).status,
      403,
      `${method} ${path} ${JSON.stringify(body)}`,
    );
  // An admin may manage every role below.
  const made = await byAdmin('POST', '', { email: 'crew@a.example', displayName: 'Crew', role: 'staff' });
  assert.equal(made.status, 201);
  assert.equal((await byAdmin('PATCH', `/${idOf(made)}`, { role: 'manager' })).status, 200);
  assert.equal((await owner('PATCH', `/${admin.id}`, { role: 'owner' })).status, 200);
  assert.equal((await owner('PATCH', `/${admin.id}`, { role: 'viewer' })).status, 200);
});

test('the link of an invitation is given to those who may invite that person, with a recent proof', async () => {
  const { users } = marquee.application;
  const passwordHash = await hashPassword(PASSWORD);
  const account = { tenantId: marquee.a.id, displayName: 'Person' };
  const admin = await users.create({ ...account, email: 'deputy@a.example', role: 'admin', passwordHash });
  const [owner, byAdmin] = [await as('owner@a.example'), await as('deputy@a.example')];
  const invite = async (email: string, role: string) => {
    const { status, body } = await owner('POST', '', { email, role, displayName: 'Invited' });
    assert.equal(status, 201);
    return (body as unknown as { person: { id: string } }).person.id;
  };
  const [partner, crew] = [
    await invite('partner@a.example', 'owner'),
    await invite('hand@a.example', 'staff'),
  ];
  const refused = await byAdmin('POST', `/${partner}/invitation`);
  assert.deepEqual([refused.status, 'link' in refused.body], [403, false]);
  const linkOf = async (ask: typeof owner, id: string) => (await ask('POST', `/${id}/invitation`)).body.link;
  assert.ok(await linkOf(owner, partner));
  assert.ok(await linkOf(byAdmin, crew));

  const proved = "update sessions set proved_at = now() - interval '20 minutes' where user_id = $1";
  await marquee.operations.pool.query(proved, [admin.id]);
  await marquee.application.announceUser(admin.id);
  await until(async () => {
    const { status, body } = await byAdmin('POST', `/${crew}/invitation`);
    return status === 403 && (body as { code?: string }).code === 'confirmation_required';
  }, 'the proof to be old');
  for (const id of [admin.id, partner, crew]) await users.remove(id);
});

test('a company keeps an owner, and cannot reach another company’s people', async () => {
  const [ofA, ofB] = [await as('owner@a.example'), await as('owner@b.example')];
  const { people } = (await ofA('GET', '')).body as unknown as { people: { id: string; role: string }[] };
  const owner = people.find((person) => person.role === 'owner')?.id;
  assert.equal((await ofA('PATCH', `/${owner}`, { role: 'viewer' })).status, 409);
  assert.equal((await ofB('PATCH', `/${owner}`, { status: 'disabled' })).status, 404);
});

test('owners and admins remove a second factor that was lost, but no owner’s and not their own that way', async () => {
  const { users } = marquee.application;
  const passwordHash = await hashPassword(PASSWORD);
  const account = { tenantId: marquee.a.id, displayName: 'Person', passwordHash };
  const withFactor = async (email: string, role: 'owner' | 'staff') => {
    const { id } = await users.create({ ...account, email, role });
    await users.setTotpSecret(id, 'JBSWY3DPEHPK3PXP');
    await users.confirmTotp(id, []);
    return id;
  };
  const admin = await users.create({ ...account, email: 'second@a.example', role: 'admin' });
  const [lost, partner] = [
    await withFactor('lost@a.example', 'staff'),
    await withFactor('boss-two@a.example', 'owner'),
  ];
  const [byAdmin, viewer, elsewhere] = [
    await as('second@a.example'),
    await as('viewer@a.example'),
    await as('owner@b.example'),
  ];
  const remove = async (ask: typeof byAdmin, id: string) =>
    (await ask('DELETE', `/${id}/second-factor`)).status;
  assert.deepEqual(
    [await remove(viewer, lost), await remove(elsewhere, lost), await remove(byAdmin, partner)],
    [403, 404, 403],
  );
  assert.equal(await remove(byAdmin, admin.id), 403);
  assert.deepEqual([await remove(byAdmin, lost), await remove(byAdmin, lost)], [204, 404]);
  assert.equal((await users.find(lost))?.totpConfirmedAt, null);
  for (const id of [lost, partner, admin.id]) await users.remove(id);
});
