import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AuditAction } from '@/lib/application';
import { checkpointSigner, segmentsIn, verifyProofText } from '@/lib/application';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase, restrictedLogin } from './application-database';

const { application, url } = await openTestApplicationDatabase();
const login = await restrictedLogin(url);
const { audit } = application;
const signer = checkpointSigner(randomBytes(32), 'crm.example.com/audit');
const verifiers = [signer];
const BY = { actor: 'cli:ann@ops' };
const directory = path.join(tmpdir(), `marquee-archive-${process.pid}`);
await mkdir(directory, { recursive: true });
after(() => rm(directory, { recursive: true, force: true }));

const archiveNow = (ownerUrl = url) =>
  audit.archive({ directory, before: new Date(Date.now() + 60_000), signer, verifiers, ownerUrl, ...BY });
const verify = async (segments: string[] = [], notes: string[] = []) => {
  const { records, problems, findings, head, covered } = await audit.verify({ verifiers, segments, notes });
  return {
    records,
    problems,
    found: findings.map(({ kind, id, through }) => ({ kind, id, through })),
    head,
    covered,
  };
};
const grow = async (count: number) => {
  for (let index = 0; index < count; index += 1) {
    await audit.append(
      { action: `step.${index}` as AuditAction, entity: 'test', details: { text: 'Grüße, 10 €, 🎉\n"x"' } },
      BY,
    );
  }
  return (await audit.checkpoint(signer, verifiers, BY)).note;
};
const ids = async () =>
  (await administer(url, 'select min(id)::int first, count(*)::int n from audit_log')).rows[0];
const OK = { problems: 0, found: [] };

const notes = [await grow(10)];

test('old records move to a segment; verification and proofs go on, with the segments and without', async () => {
  // Records 1 to 10, the checkpoint in 11.
  const archived = await archiveNow();
  assert.deepEqual([archived.first, archived.last, archived.removed], ['1', '10', 10]);
  // The checkpoint stays, and the record of the archive is 12.
  assert.deepEqual(await ids(), { first: 11, n: 2 });
  const [record] = await audit.list({ action: 'audit.archive' });
  assert.deepEqual([record?.actor, record?.entityId], [BY.actor, '10']);
  notes.push(await grow(5));
  const { last, removed } = await archiveNow();
  assert.deepEqual([last, removed], ['17', 7]);
  assert.equal((await archiveNow()).file, undefined);

  const segments = await segmentsIn(directory);
  assert.equal(segments.length, 2);
  const { records, covered, ...rest } = await verify([], notes);
  assert.deepEqual([records, rest], [2, { ...OK, head: '19' }]);
  assert.deepEqual(await verify(segments, notes), { ...OK, records: 19, head: '19', covered: '17' });

  notes.push(await grow(3));
  for (const id of [3n, 14n, 20n]) {
    const proof = await audit.prove(id, verifiers, { segments });
    assert.equal(verifyProofText(JSON.stringify(proof), verifiers).proof.record.id, `${id}`);
  }
  const lines = gunzipSync(await readFile(segments[0] ?? ''))
    .toString()
    .trim()
    .split('\n');
  assert.equal(JSON.parse(JSON.parse(lines[1] ?? '').details).text, 'Grüße, 10 €, 🎉\n"x"');
});

test('a segment that was changed, cut or lost is found', async () => {
  const segments = await segmentsIn(directory);
  const [first = '', second = ''] = segments;
  const copy = path.join(directory, 'changed.gz');
  const withLines = async (change: (lines: string[]) => string[]) => {
    const lines = gunzipSync(await readFile(first))
      .toString()
      .trim()
      .split('\n');
    await writeFile(copy, gzipSync(`${change(lines).join('\n')}\n`));
    return (await verify([copy, second])).found;
  };
  const edited = await withLines((lines) => lines.map((line) => line.replace('step.4', 'step.5')));
  assert.deepEqual(edited, [{ kind: 'edited', id: '5', through: undefined }]);
  const [missing] = await withLines((lines) => lines.filter((_, index) => index !== 6));
  assert.deepEqual(missing, { kind: 'missing', id: '6', through: '6' });
  const [lost] = (await verify([second])).found;
  assert.deepEqual(lost, { kind: 'missing', id: '1', through: '10' });
  const bytes = await readFile(first);
  await writeFile(copy, bytes.subarray(0, bytes.length - 20));
  await assert.rejects(verify([copy, second]), { code: 'audit_archive_invalid' });
  await rm(copy);
});

test('killed after the record and before the deletion: the next call deletes; nothing is found meanwhile', async () => {
  const before = await ids();
  await administer(
    url,
    `create function no_deletion() returns trigger language plpgsql as $$ begin raise 'killed'; end $$;
     create trigger no_deletion before delete on audit_log execute function no_deletion()`,
  );
  await assert.rejects(archiveNow());
  await administer(url, 'drop function no_deletion cascade');
  assert.equal((await ids()).first, before.first);
  assert.equal((await verify()).problems, 0);
  assert.equal((await verify(await segmentsIn(directory))).problems, 0);
  const { file, removed } = await archiveNow();
  assert.deepEqual([file, removed], [undefined, 5]);
  assert.equal((await verify(await segmentsIn(directory))).problems, 0);
});

test('killed before the record: what was written is part of the next segment', async () => {
  await grow(2);
  const { first = '' } = await archiveNow();
  const [last = ''] = (await segmentsIn(directory)).slice(-1);
  const shorter = String(BigInt(first)).padStart(19, '0');
  await copyFile(last, path.join(directory, `audit-${shorter}-${shorter}.jsonl.gz`));
  assert.equal((await verify(await segmentsIn(directory))).problems, 0);
});

test('only what a known key says was archived may be missing', async () => {
  const stranger = checkpointSigner(randomBytes(32), 'crm.example.com/audit');
  const { found } = await audit
    .verify({ verifiers: [stranger] })
    .then(({ findings }) => ({ found: findings.map(({ kind, id }) => ({ kind, id })) }));
  assert.ok(found.some(({ kind, id }) => kind === 'missing' && id === '1'));
});

test('the servers’ login may not archive: it deletes nothing', async () => {
  await assert.rejects(archiveNow(login), { code: 'application_login_lacks_rights' });
  await assert.rejects(
    administer(login, "set marquee.archiving = 'on'; delete from audit_log"),
    /permission denied/,
  );
  await assert.rejects(administer(url, 'delete from audit_log'), /append-only/);
  await assert.rejects(
    administer(url, "set marquee.archiving = 'on'; update audit_log set actor = 'x'"),
    /append-only/,
  );
});

test('a log that was changed is not archived', async () => {
  await grow(2);
  const before = await ids();
  await administer(
    url,
    `alter table audit_log disable trigger append_only; update audit_log set actor = 'x' where id = (select max(id) - 1 from audit_log);
     alter table audit_log enable always trigger append_only`,
  );
  await assert.rejects(archiveNow(), { code: 'audit_log_changed' });
  assert.deepEqual(await ids(), before);
});
