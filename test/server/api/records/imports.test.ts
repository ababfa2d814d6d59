import assert from 'node:assert/strict';
import { execFile as execFileWithCallback } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { PASSWORD, startMarquee } from '../../running-server';

const execFile = promisify(execFileWithCallback);
const marquee = await startMarquee();

interface ImportRecord {
  id: string;
  status: string;
  rowsRead: number;
  bytesRead: number;
  fileBytes: number;
  result: Record<string, unknown> & { errors?: { line: number; message: string }[] };
}

async function as(email: string) {
  const place = email.split('@')[1]?.split('.')[0] ?? '';
  const origin = `http://127.0.0.1:${marquee.port}`;
  const signedIn = await fetch(`${marquee.address(place)}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ email, password: PASSWORD }),
    headers: { 'content-type': 'application/json', origin },
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const base = `${marquee.address(place)}/api`;
  const ask = (method: string, path: string, body?: string | Uint8Array) =>
    fetch(`${base}${path}`, {
      method,
      headers: { origin, cookie, ...(body ? { 'content-type': 'text/csv' } : {}) },
      ...(body ? { body: body as BodyInit } : {}),
    });
  return Object.assign(ask, { base, headers: { origin, cookie } });
}
type Ask = Awaited<ReturnType<typeof as>>;

async function recordOf(ask: Ask, id: string): Promise<ImportRecord> {
  return (await (await ask('GET', `/imports/${id}`)).json()) as ImportRecord;
}

/** Waits until an import does not change by itself any more. */
async function ended(
  ask: Ask,
  id: string,
  seen: (record: ImportRecord) => void = () => {},
): Promise<ImportRecord> {
  for (let record = await recordOf(ask, id); ; record = await recordOf(ask, id)) {
    seen(record);
    if (!['running', 'undoing'].includes(record.status)) return record;
    await setTimeout(50);
  }
}

async function begin(ask: Ask, query: string, body: string | Uint8Array): Promise<string> {
  const answer = await ask('POST', `/imports?${query}`, body);
  assert.equal(answer.status, 202, await answer.clone().text());
  return ((await answer.json()) as ImportRecord).id;
}

const owner = await as('owner@a.example');

test('a file is previewed, imported in the background, exported, and undone', async () => {
  const file = 'Name,Email\n=Evil,evil@x.example\nGood,good@x.example\n,\nNo mail,nope\n';
  const preview = (await (await owner('POST', '/imports/preview?entity=accounts', file)).json()) as {
    rows: unknown[];
  };
  assert.equal(preview.rows.length, 3);
  const id = await begin(owner, 'entity=accounts', file);
  const record = await ended(owner, id);
  assert.deepEqual([record.status, record.result.created, record.result.incomplete], ['done', 3, 1]);
  assert.deepEqual([record.bytesRead, record.fileBytes], [file.length, file.length]);
  const exported = await (await owner('GET', '/exports/accounts.csv')).text();
  assert.match(exported, /'=Evil/);
  const elsewhere = await as('owner@b.example');
  assert.equal((await elsewhere('GET', `/imports/${id}`)).status, 404);
  assert.equal((await elsewhere('POST', `/imports/${id}/undo`)).status, 404);
  assert.equal((await owner('POST', `/imports/${id}/undo`)).status, 202);
  const { status, result } = await ended(owner, id);
  assert.deepEqual([status, result.removed, result.kept], ['undone', 3, 0]);
  assert.equal((await owner('POST', `/imports/${id}/undo`)).status, 404);
});

test('contacts come in with the companies they work for, matched in any spelling, made once, and go again', async () => {
  const companies = await begin(owner, 'entity=accounts', 'Name\nWölfe & Söhne GmbH\n');
  await ended(owner, companies);
  const file =
    'Vorname,Nachname,Email,Firma\nAda,Weiß,ada@rel.example,WÖLFE & SÖHNE GMBH\nBo,Ray,bo@rel.example,Nova 100%_\nCy,Ray,cy@rel.example,nova 100%_\nDi,Ray,,\n';
  const id = await begin(owner, 'entity=contacts', file);
  const { result } = await ended(owner, id);
  assert.deepEqual([result.created, result.failed], [4, 0]);
  const links = async () => {
    const client = await marquee.manager.getClientForTenant(marquee.a.id, true);
    const { data } = await client
      .from('contacts')
      .select('first_name, contact_accounts(accounts(name), is_primary)')
      .like('email', '%@rel.example')
      .order('first_name')
      .order('is_primary', { referencedTable: 'contact_accounts', ascending: false })
      .throwOnError();
    return JSON.stringify(data);
  };
  const of = (first_name: string, name: string) => ({
    first_name,
    contact_accounts: [{ accounts: { name }, is_primary: true }],
  });
  assert.equal(
    await links(),
    JSON.stringify([of('Ada', 'Wölfe & Söhne GmbH'), of('Bo', 'Nova 100%_'), of('Cy', 'Nova 100%_')]),
  );
  // Again, with existing rows updated: no row is made twice, and no contact gets a second primary company.
  const again = await begin(
    owner,
    'entity=contacts&duplicates=update',
    'First name,Email,Company,Job title\nAda,ada@rel.example,Other,Boss\nAda,ADA@rel.example,Other,Chief\n',
  );
  assert.deepEqual((await ended(owner, again)).result.updated, 2);
  assert.match(await links(), /"Ada".*Wölfe[^}]*},"is_primary":true.*"Other"},"is_primary":false/);
  await owner('POST', `/imports/${id}/undo`);
  const undone = await ended(owner, id);
  // Ada was changed since, and with her stays what the file named.
  assert.deepEqual([undone.result.removed, undone.result.kept], [3, 2]);
});

test('a file from Excel in the West, or in UTF-16, keeps its letters', async () => {
  for (const [name, bytes] of [
    ['Müller', Buffer.from('Name\nMüller\n', 'latin1')],
    ['Łódź', Buffer.from('\ufeffName\nŁódź\n', 'utf16le')],
  ] as const) {
    const id = await begin(owner, 'entity=accounts&duplicates=create', bytes);
    await ended(owner, id);
    assert.match(await (await owner('GET', '/exports/accounts.csv')).text(), new RegExp(`,${name},`));
  }
});

test('one import at a time; one whose process is gone gives way, and can be undone', async () => {
  const { imports } = marquee.operations;
  const given = {
    tenantId: marquee.a.id,
    userId: marquee.a.id,
    entity: 'accounts',
    fileName: 'x.csv',
    fileBytes: 1,
  };
  const lost = await imports.begin(given);
  const refused = await owner('POST', '/imports?entity=accounts', 'Name\nX\n');
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /Another import of your company is running/);
  const client = await marquee.manager.getClientForTenant(marquee.a.id, true);
  const { data } = await client
    .from('accounts')
    .insert({ name: 'Half' })
    .select('id')
    .single()
    .throwOnError();
  // Announced before it was written: the second of them never was.
  await imports.making(lost.id, { table: 'accounts', ids: [data.id, crypto.randomUUID()] });
  await marquee.operations.pool.query(
    "update imports set updated_at = now() - interval '1 hour' where id = $1",
    [lost.id],
  );
  assert.equal((await recordOf(owner, lost.id)).status, 'interrupted');
  assert.equal((await owner('POST', `/imports/${lost.id}/undo`)).status, 202);
  const { status, result } = await ended(owner, lost.id);
  assert.deepEqual([status, result.removed, result.kept], ['undone', 1, 0]);
});

test('memory does not grow with the file, progress is seen, and others are not held up', async () => {
  const ROWS = 1_200;
  // By a process of its own: what a sender holds is not the server's. It makes the file while it sends it.
  const sender = `
    const [url, headers] = JSON.parse(process.argv[1]);
    const note = 'Long notes from the old system. '.repeat(900);
    const encoder = new TextEncoder();
    let row = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (row === 0) controller.enqueue(encoder.encode('First name,Email,Message\\n'));
        for (let end = row + 100; row < end; row++)
          controller.enqueue(encoder.encode('Person ' + row + ',' + (row % 8 ? 'm' + row + '@x.example' : 'nope') + ',' + note + row + '\\n'));
        if (row === ${ROWS}) controller.close();
      },
    });
    const answer = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'text/csv' }, body, duplex: 'half' });
    process.stdout.write(await answer.text());`;
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  // Twice: buffers that one collection finds unused are given back after it.
  const held = async () => {
    collect();
    await setTimeout(30);
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 ** 2;
  };
  const before = await held();
  const url = `${owner.base}/imports?entity=leads`;
  const { stdout } = await execFile(process.execPath, [
    '--input-type=module',
    '--eval',
    sender,
    JSON.stringify([url, owner.headers]),
  ]);
  const { id } = JSON.parse(stdout) as ImportRecord;
  let most = 0;
  const rows: number[] = [];
  const waits: number[] = [];
  const began = performance.now();
  const colleague = await marquee.manager.getClientForTenant(marquee.a.id, true);
  const { result, fileBytes } = await (async () => {
    for (let record = await recordOf(owner, id); ; record = await recordOf(owner, id)) {
      most = Math.max(most, (await held()) - before);
      if (rows.at(-1) !== record.rowsRead) rows.push(record.rowsRead);
      const started = performance.now();
      await colleague.from('leads').insert({ first_name: 'Walk-in' }).throwOnError();
      waits.push(performance.now() - started);
      if (record.status !== 'running') return record;
      await setTimeout(200);
    }
  })();
  assert.equal(result.created, ROWS, JSON.stringify({ ...result, errors: result.errors?.slice(0, 3) }));
  assert.equal(result.incomplete, ROWS / 8);
  assert.equal(result.errors?.length, ROWS / 8);
  assert.deepEqual(result.errors?.[0], {
    line: 2,
    column: 'Email',
    message: '“nope” is not an email address.',
    kept: true,
  });
  const megabytes = fileBytes / 1024 ** 2;
  assert.ok(megabytes > 30, `the file had ${megabytes} MB`);
  assert.ok(most < 16, `${most.toFixed(1)} MB were held for a file of ${megabytes.toFixed(1)} MB`);
  assert.ok(rows.length > 2, `seen: ${rows.join(', ')}`);
  const slowest = Math.max(...waits);
  const took = performance.now() - began;
  assert.ok(slowest < took / 2, `the slowest request waited ${slowest} ms of the import's ${took} ms`);
});

test('who may not import or export is told so', async () => {
  const viewer = await as('viewer@a.example');
  assert.equal((await viewer('POST', '/imports?entity=accounts', 'Name\nX\n')).status, 403);
  assert.equal((await viewer('GET', '/exports/accounts.csv')).status, 403);
});
