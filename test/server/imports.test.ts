import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { PASSWORD, startMarquee } from './running-server';

const marquee = await startMarquee();

async function as(email: string) {
  const place = email.split('@')[1]?.split('.')[0] ?? '';
  const origin = `http://127.0.0.1:${marquee.port}`;
  const signedIn = await fetch(`${marquee.address(place)}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ email, password: PASSWORD }),
    headers: { 'content-type': 'application/json', origin },
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  return (method: string, path: string, form?: Record<string, string>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(form ?? {})) {
      body.set(name, name === 'file' ? new File([value], 'list.csv', { type: 'text/csv' }) : value);
    }
    return fetch(`${marquee.address(place)}/api${path}`, {
      method,
      headers: { origin, cookie },
      ...(form ? { body } : {}),
    });
  };
}

test('a file is previewed, imported in the background, exported, and undone', async () => {
  const owner = await as('owner@a.example');
  const form = {
    entity: 'accounts',
    file: 'Name,Email\n=Evil,evil@x.example\nGood,good@x.example\n,\nNo mail,nope\n',
  };
  const preview = (await (await owner('POST', '/imports/preview', form)).json()) as { rows: unknown[] };
  assert.equal(preview.rows.length, 3);
  const begun = await owner('POST', '/imports', form);
  assert.equal(begun.status, 202);
  const { id } = (await begun.json()) as { id: string };
  let record = { status: 'running', result: {} as Record<string, unknown> };
  for (let tries = 0; record.status === 'running' && tries < 100; tries++) {
    await setTimeout(50);
    record = (await (await owner('GET', `/imports/${id}`)).json()) as typeof record;
  }
  assert.deepEqual([record.status, record.result.created, record.result.failed], ['done', 2, 1]);
  const exported = await (await owner('GET', '/exports/accounts.csv')).text();
  assert.match(exported, /'=Evil/);
  const elsewhere = await as('owner@b.example');
  assert.equal((await elsewhere('GET', `/imports/${id}`)).status, 404);
  assert.equal((await elsewhere('POST', `/imports/${id}/undo`)).status, 404);
  assert.deepEqual(await (await owner('POST', `/imports/${id}/undo`)).json(), { removed: 2, kept: 0 });
  assert.equal((await owner('POST', `/imports/${id}/undo`)).status, 404);
});

test('who may not import or export is told so', async () => {
  const viewer = await as('viewer@a.example');
  assert.equal((await viewer('POST', '/imports', { entity: 'accounts', file: 'Name\nX\n' })).status, 403);
  assert.equal((await viewer('GET', '/exports/accounts.csv')).status, 403);
});
