import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { auditCommand } from '@/cli/commands/audit';
import { startCheckpoints } from '@/cli/start/audit-checkpoints';
import {
  checkpointBucket,
  checkpointFile,
  checkpointSyslog,
  deliverCheckpoint,
  type SignedCheckpoint,
} from '@/lib/application';
import { createInstallation } from '../lib/data-sources/installation';
import { administer } from '../support/postgres';
import { until } from '../support/until';
import { marquee } from './marquee';

const installation = await createInstallation();
const directory = path.join(tmpdir(), `marquee-audit-${process.pid}`);
const file = path.join(directory, 'checkpoints.txt');
after(() => rm(directory, { recursive: true, force: true }));
Object.assign(process.env, {
  MARQUEE_STATE_DIRECTORY: path.join(directory, 'state'),
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
  AUDIT_CHECKPOINT_FILE: file,
});

/** Runs the command in this process: starting one takes longer than all else here. */
async function run(...args: string[]) {
  const printed: string[] = [];
  const { log } = console;
  console.log = (line: string) => printed.push(line);
  try {
    await auditCommand.parseAsync([...args, '--json'], { from: 'user' });
    return { code: Number(process.exitCode ?? 0), answer: JSON.parse(printed.join('\n')) };
  } finally {
    console.log = log;
    process.exitCode = undefined;
  }
}
const { application } = installation;

test('checkpoints are made, delivered, verified; a record is proved and the proof checked without the database', async () => {
  const tenant = await application.tenants.create({ name: 'A', subdomain: 'a' });
  const made = await run('checkpoint');
  assert.equal(made.code, 0);
  assert.deepEqual(made.answer.delivered, [file]);
  // Nothing was added since: the checkpoint is not repeated.
  assert.equal((await run('checkpoint')).answer.isNew, false);
  assert.equal(await readFile(file, 'utf8'), made.answer.note);
  const [signed] = await application.audit.list({ action: 'audit.checkpoint' });
  assert.equal(signed?.actor, `cli:${userInfo().username}@${hostname()}`);

  await application.tenants.update(tenant.id, { name: 'B' });
  await run('checkpoint');
  const verified = await run('verify');
  assert.equal(verified.code, 0);
  const { problems, checkpoints, covered, login } = verified.answer;
  // The first checkpoint made the key, which is recorded too.
  assert.deepEqual([problems, checkpoints, covered], [0, 4, '4']);
  assert.match(login.join(), /superuser/);

  const proof = path.join(directory, 'proof.json');
  assert.equal((await run('proof', '1', '--out', proof)).code, 0);
  const { key } = (await run('key')).answer;
  assert.match(key, /^marquee-audit\/[0-9a-f]{8}\+[0-9a-f]{8}\+A/);
  const { ended } = marquee(['audit', 'verify-proof', proof, '--key', key, '--json'], {
    AUDIT_CHECKPOINT_FILE: '',
  });
  const offline = await ended;
  assert.equal(offline.code, 0, offline.stderr);
  assert.equal(JSON.parse(offline.stdout).record.action, 'tenants.insert');
  await writeFile(proof, (await readFile(proof, 'utf8')).replace('tenants.insert', 'tenants.delete'));
  await assert.rejects(run('verify-proof', proof), { code: 'audit_log_changed' });
  await assert.rejects(run('proof', '999'), { code: 'audit_record_not_covered' });
  await assert.rejects(run('proof', 'x'), { code: 'audit_record_unknown' });
});

test('what was changed is named, with exit code 1; a cut end also when the next checkpoint is made', async () => {
  await administer(
    installation.applicationUrl,
    `alter table audit_log disable trigger all; update audit_log set actor = 'x' where id = 1; delete from audit_log where id > 3;
     alter table audit_log enable always trigger append_only; alter table audit_log enable always trigger chain`,
  );
  const { code, answer } = await run('verify', '--checkpoints', file);
  assert.equal(code, 1);
  assert.deepEqual(
    answer.findings.map(({ kind, id }: { kind: string; id: string }) => [kind, id]),
    [
      ['edited', '1'],
      ['cut', '4'],
    ],
  );
  await assert.rejects(run('checkpoint'), { code: 'audit_log_changed', message: /its end was cut off/ });
  await assert.rejects(run('verify', '--checkpoints', path.join(directory, 'none')), {
    code: 'file_unreadable',
  });
  await writeFile(file, 'something else\n', { flag: 'a' });
  await assert.rejects(run('verify'), { code: 'audit_checkpoint_invalid' });
});

test('a place that does not take a checkpoint keeps no other from it, and each is named', async () => {
  const taken: string[] = [];
  const sink = (name: string, problem?: string) => ({
    name,
    async deliver() {
      if (problem) throw new Error(problem);
      taken.push(name);
    },
  });
  const signed = {} as SignedCheckpoint;
  assert.deepEqual(await deliverCheckpoint([sink('one'), sink('two')], signed), ['one', 'two']);
  taken.length = 0;
  const sinks = [sink('away', 'no answer'), sink('there'), sink('full', 'no room')];
  await assert.rejects(deliverCheckpoint(sinks, signed), {
    code: 'audit_checkpoint_undelivered',
    message: /away: no answer.*full: no room.*written to there/,
  });
  assert.deepEqual(taken, ['there']);
});

test('a server signs while the log grows, and delivers again what could not be delivered', async () => {
  const { application, operations } = await createInstallation();
  await application.tenants.create({ name: 'A', subdomain: 'a' });
  const blocked = path.join(directory, 'blocked');
  await writeFile(blocked, '');
  const target = path.join(blocked, 'checkpoints.txt');
  const said: string[] = [];
  const configuration = { AUDIT_CHECKPOINT_FILE: target };
  const instance = { application, operations, configuration } as never as Parameters<
    typeof startCheckpoints
  >[0];
  const stop = startCheckpoints(instance, (problem) => said.push(problem), { everyMs: 20 });
  try {
    await until(() => said.length > 0);
    await rm(blocked);
    await until(async () => (await readFile(target, 'utf8').catch(() => '')) !== '');
    const first = await readFile(target, 'utf8');
    await application.tenants.create({ name: 'B', subdomain: 'b' });
    await until(async () => (await readFile(target, 'utf8')) !== first);
  } finally {
    await stop();
  }
  assert.match(said[0] ?? '', /was not written to/);
  // The checkpoint's own record is no growth: two checkpoints of two changes.
  assert.equal((await application.audit.list({ action: 'audit.checkpoint' })).length, 2);
});

const signed: SignedCheckpoint = {
  note: 'crm.example.com/audit\n7\nroot\nchain x\n\n— crm.example.com/audit c2ln\n',
  checkpoint: {
    origin: 'crm.example.com/audit',
    size: 7n,
    root: Buffer.alloc(32),
    chain: Buffer.alloc(32),
    madeAt: '',
  },
  isNew: true,
};

test('syslog takes a checkpoint as one message of RFC 5424, over UDP and over TCP', async () => {
  const message =
    /^<109>1 \S+Z \S+ marquee \d+ audit-checkpoint - crm\.example\.com\/audit \| 7 \| root \| chain x \| {2}\| — crm/;
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const datagram = once(udp, 'message');
  await checkpointSyslog(`udp://127.0.0.1:${udp.address().port}`).deliver(signed);
  assert.match(String((await datagram)[0]), message);
  udp.close();

  const udp6 = createSocket('udp6').bind(0, '::1');
  await once(udp6, 'listening');
  const datagram6 = once(udp6, 'message');
  await checkpointSyslog(`udp://[::1]:${udp6.address().port}`).deliver(signed);
  assert.match(String((await datagram6)[0]), message);
  udp6.close();

  const received = Promise.withResolvers<string>();
  const tcp = createTcpServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => received.resolve(text));
  }).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  await checkpointSyslog(`tcp://127.0.0.1:${(tcp.address() as AddressInfo).port}`).deliver(signed);
  const [, length = '', framed = ''] = /^(\d+) ([\s\S]*)$/.exec(await received.promise) ?? [];
  assert.equal(Buffer.byteLength(framed), Number(length));
  assert.match(framed, message);
  tcp.close();
});

// Follows the S3 API reference of PutObject; no S3 with object lock runs here.
test('a bucket gets one object a size, locked until its retention ends', async () => {
  const objects = new Map<string, { body: string; headers: NodeJS.Dict<string | string[]> }>();
  const bucket = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const isThere = objects.has(request.url ?? '');
      if (!isThere) objects.set(request.url ?? '', { body, headers: request.headers });
      response.writeHead(isThere ? 412 : 200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(bucket, 'listening');
  const bucketUrl = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/locked`;
  const sink = checkpointBucket({
    bucketUrl,
    region: 'eu-central-1',
    accessKeyId: 'a',
    secretAccessKey: 'b',
    retainDays: 10,
  });
  await sink.deliver(signed);
  await sink.deliver(signed);
  const [[key, object] = []] = objects;
  assert.equal(key, '/locked/crm.example.com/audit/0000000000000000007.txt');
  assert.equal(object?.body, signed.note);
  const { headers } = object ?? {};
  assert.equal(headers?.['x-amz-object-lock-mode'], 'COMPLIANCE');
  const days =
    (Date.parse(String(headers?.['x-amz-object-lock-retain-until-date'])) - Date.now()) / 86_400_000;
  assert.ok(days > 9.9 && days <= 10);
  assert.match(String(headers?.authorization), /SignedHeaders=[^,]*x-amz-object-lock-mode/);
  bucket.close();
});

test('a file keeps what was written before; a shorter log is refused', async () => {
  const own = path.join(directory, 'own.txt');
  const sink = checkpointFile(own);
  await sink.deliver(signed);
  const longer = {
    ...signed,
    note: signed.note.replace('7', '9'),
    checkpoint: { ...signed.checkpoint, size: 9n },
  };
  await sink.deliver(longer);
  assert.equal(await readFile(own, 'utf8'), `${signed.note}\n${longer.note}`);
  await assert.rejects(sink.deliver(signed), {
    code: 'audit_log_changed',
    message: /has 7 records.*checkpoint of 9/,
  });
});

test('the log is listed, filtered and page by page', async () => {
  for (let n = 0; n < 5; n++)
    await application.audit.append(
      { action: 'webhooks.update', entity: 'things', entityId: `thing-${n}` },
      { actor: n < 3 ? 'cli:ann' : 'cli:bob' },
    );
  const list = async (...args: string[]) =>
    (
      (await run('list', '--action', 'webhooks.update', ...args)).answer as { id: string; entityId: string }[]
    ).map(({ entityId }) => entityId);
  assert.deepEqual(await list('--limit', '2'), ['thing-4', 'thing-3']);
  const { answer } = await run('list', '--action', 'webhooks.update', '--limit', '2');
  assert.deepEqual(await list('--limit', '2', '--before', answer[1].id), ['thing-2', 'thing-1']);
  assert.deepEqual(await list('--who', 'cli:bob'), ['thing-4', 'thing-3']);
  assert.deepEqual(await list('--who', 'unknown@x.example'), []);
  assert.deepEqual(await list('--entity-id', 'thing-0'), ['thing-0']);
  assert.deepEqual(await list('--until', '2020-01-01'), []);
  assert.equal((await list('--since', '2020-01-01T00:00')).length, 5);
});
