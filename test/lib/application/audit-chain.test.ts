import assert from 'node:assert/strict';
import { createHash, randomBytes, verify as verifySignature } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import type { AuditAction } from '@/lib/application';
import { type CheckpointVerifier, checkpointSigner, readVerifier, verifyProofText } from '@/lib/application';
import {
  encodeRecord,
  HASHED_COLUMNS,
  type HashedRecord,
  leafHash,
} from '@/lib/application/audit-chain/hashes';
import { columnsOf, readRecords } from '@/lib/application/audit-chain/log';
import { MerkleTree, rootFromProof, siblingsOf } from '@/lib/application/audit-chain/merkle-tree';
import { sessionLog } from '@/lib/application/audit-chain/session-log';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase } from './application-database';

const { application, url } = await openTestApplicationDatabase();
const { audit } = application;
const signer = checkpointSigner(randomBytes(32), 'crm.example.com/audit');
const verifiers: CheckpointVerifier[] = [signer];
const BY = { actor: 'system:test' };

const append = (action: string) =>
  audit.append({ action: action as AuditAction, entity: 'test', details: { action } });
const verify = (notes: string[] = []) => audit.verify({ verifiers, notes });

/** What a superuser can do to the log: triggers are off. */
const tamper = (sql: string) =>
  administer(
    url,
    `alter table audit_log disable trigger all; ${sql}; alter table audit_log enable always trigger append_only;
     alter table audit_log enable always trigger chain`,
  );

/** The whole log again from `from` on, as its own trigger would chain it: what a superuser who knows everything can do. */
const rehash = (from: number) => `
  do $$ declare r audit_log; chain bytea := coalesce((select chain_hash from audit_log where id = ${from} - 1), decode(repeat('00', 32), 'hex')); begin
    for r in select * from audit_log where id >= ${from} order by id loop
      r.leaf_hash := marquee.audit_leaf(r.id, r.occurred_at, r.tenant_id, r.actor, r.request_id, r.action, r.entity, r.entity_id, r.before, r.after, r.details, r.address);
      chain := marquee.audit_chain(chain, r.leaf_hash);
      update audit_log set leaf_hash = r.leaf_hash, chain_hash = chain where id = r.id;
    end loop; end $$`;

const notes: string[] = [];
for (let index = 1; index <= 12; index += 1) {
  await append(`step.${index}`);
  if (index % 4 === 0) notes.push((await audit.checkpoint(signer, verifiers, BY)).note);
}
// Records 1 to 4, a checkpoint in record 5, 6 to 9, one in 10, 11 to 14, one in 15.
await administer(url, 'create schema kept; create table kept.log as table audit_log');

test('an untouched log verifies, with its checkpoints inside and outside', async () => {
  const { records, head, checkpoints, covered, problems } = await verify(notes);
  assert.deepEqual(
    { records, head, checkpoints, covered, problems },
    { records: 15, head: '15', checkpoints: 6, covered: '14', problems: 0 },
  );
});

const TAMPERING: { name: string; sql: string; kind: string; id: string; through?: string }[] = [
  {
    name: 'an edited record',
    sql: `update audit_log set actor = 'another' where id = 7`,
    kind: 'edited',
    id: '7',
  },
  {
    name: 'an edited time',
    sql: `update audit_log set occurred_at = 'infinity' where id = 7`,
    kind: 'edited',
    id: '7',
  },
  {
    name: 'an edited record with its leaf hash computed anew',
    sql: `update audit_log set actor = 'another' where id = 7;
      update audit_log set leaf_hash = marquee.audit_leaf(id, occurred_at, tenant_id, actor, request_id, action, entity, entity_id, before, after, details, address) where id = 7`,
    kind: 'chain_broken',
    id: '7',
  },
  {
    name: 'a null moved to an empty text',
    sql: `update audit_log set request_id = '' where id = 3`,
    kind: 'edited',
    id: '3',
  },
  {
    name: 'a deletion in the middle',
    sql: 'delete from audit_log where id in (6, 7)',
    kind: 'missing',
    id: '6',
    through: '7',
  },
  {
    name: 'a deletion at the beginning',
    sql: 'delete from audit_log where id < 3',
    kind: 'missing',
    id: '1',
    through: '2',
  },
  {
    name: 'a deletion whose gap is closed',
    sql: 'delete from audit_log where id = 7; update audit_log set id = -id where id > 7; update audit_log set id = -id - 1 where id < 0',
    kind: 'edited',
    id: '7',
  },
  {
    name: 'two records that changed places',
    sql: 'update audit_log set id = case id when 6 then -8 else -6 end where id in (6, 8); update audit_log set id = -id where id < 0',
    kind: 'edited',
    id: '6',
  },
  {
    name: 'an inserted record',
    sql: `update audit_log set id = -id where id > 7; update audit_log set id = -id + 1 where id < 0;
      insert into audit_log select * from (select 8, occurred_at, tenant_id, 'forged', request_id, action, entity, entity_id, before, after, details, address, leaf_hash, chain_hash from audit_log where id = 7) made`,
    kind: 'edited',
    id: '8',
  },
  {
    name: 'an appended record that the trigger did not chain',
    sql: `insert into audit_log select 16, occurred_at, tenant_id, actor, request_id, action, entity, entity_id, before, after, details, address,
      marquee.audit_leaf(16, occurred_at, tenant_id, actor, request_id, action, entity, entity_id, before, after, details, address), chain_hash from audit_log where id = 14`,
    kind: 'chain_broken',
    id: '16',
  },
  { name: 'a cut tail', sql: 'delete from audit_log where id > 11', kind: 'cut', id: '12', through: '14' },
  {
    name: 'a history written anew behind its checkpoints',
    sql: `update audit_log set actor = 'another' where id = 7; ${rehash(7)}`,
    kind: 'rewritten',
    id: '5',
    through: '9',
  },
  {
    name: 'an id that is there twice',
    sql: 'alter table audit_log drop constraint audit_log_pkey; insert into audit_log select * from audit_log where id = 7',
    kind: 'out_of_order',
    id: '7',
  },
  {
    name: 'a forged checkpoint',
    sql: `update audit_log set details = jsonb_build_object('note', replace(details ->> 'note', 'time 2', 'time 3'), 'roots', details -> 'roots') where id = 15; ${rehash(15)}`,
    kind: 'checkpoint_invalid',
    id: '15',
  },
];

TAMPERING.push({
  name: 'a checkpoint that was copied',
  sql: `insert into audit_log select 16, occurred_at, tenant_id, actor, request_id, action, entity, entity_id, before, after, details, address, leaf_hash, chain_hash
    from audit_log where id = 15; ${rehash(16)}`,
  kind: 'checkpoint_invalid',
  id: '16',
});

const RESTORE = `truncate audit_log; insert into audit_log select * from kept.log;
  do $$ begin alter table audit_log add constraint audit_log_pkey primary key (id); exception when others then null; end $$`;

for (const { name, sql, kind, id, through } of TAMPERING) {
  test(`${name} is found where it is`, async () => {
    await tamper(sql);
    try {
      const { findings, problems } = await verify(notes);
      const [first] = findings;
      assert.deepEqual({ kind: first?.kind, id: first?.id }, { kind, id }, JSON.stringify(findings, null, 1));
      if (through) assert.equal(first?.through, through);
      assert.ok(problems > 0 && first?.message.includes(first.id));
    } finally {
      await tamper(RESTORE);
    }
    assert.equal((await verify(notes)).problems, 0);
  });
}

test('one edited record is one finding; what was not touched still fits its checkpoints', async () => {
  await tamper(`update audit_log set details = '{}' where id in (2, 12)`);
  try {
    const { findings, checkpoints } = await verify(notes);
    assert.deepEqual(
      findings.map(({ kind, id }) => [kind, id]),
      [
        ['edited', '2'],
        ['edited', '12'],
      ],
    );
    assert.equal(checkpoints, 6);
  } finally {
    await tamper(RESTORE);
  }
});

test('a history that was written anew with its checkpoints removed is found by those outside alone', async () => {
  await tamper(
    `delete from audit_log where id > 4; update audit_log set actor = 'another' where id = 2; ${rehash(1)}`,
  );
  try {
    assert.equal((await verify()).problems, 0);
    const { findings } = await verify(notes);
    assert.deepEqual(
      findings.map(({ kind, id, through }) => [kind, id, through]),
      [
        ['rewritten', '1', '4'],
        ['cut', '5', '14'],
      ],
    );
  } finally {
    await tamper(RESTORE);
  }
});

test('no checkpoint is made of records that were changed since the last one', async () => {
  await append('after');
  await tamper(`update audit_log set actor = 'another' where id = 16`);
  try {
    await assert.rejects(audit.checkpoint(signer, verifiers, BY), {
      code: 'audit_log_changed',
      message: /Record 16/,
    });
  } finally {
    await tamper(RESTORE);
  }
});

test('a checkpoint continues from the one before it and reads no older record', async () => {
  // The log grows by record 16; the first nine are taken away meanwhile.
  await append('later');
  await administer(url, 'create table kept.more as table audit_log');
  await tamper('delete from audit_log where id < 10');
  const { note, isNew } = await audit.checkpoint(signer, verifiers, BY);
  assert.ok(isNew);
  await tamper('insert into audit_log select * from kept.more where id < 10');
  assert.equal((await verify([...notes, note])).problems, 0);
  assert.equal((await audit.checkpoint(signer, verifiers, BY)).isNew, false, 'nothing was added since');
  await tamper(RESTORE);
});

test('twenty writers keep one chain', async () => {
  const before = Number((await verify()).head);
  await Promise.all(
    Array.from({ length: 20 }, async (_, writer) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (let count = 0; count < 5; count += 1) {
        const subdomain = `w${writer}-${count}`;
        // Two tenants in one transaction, in either order: writers wait for the chain only when they commit.
        await client.query(
          `begin; insert into tenants (name, subdomain) values ('W', '${subdomain}');
           update tenants set name = name || '!' where subdomain = '${subdomain}'; ${count % 2 ? 'rollback' : 'commit'}`,
        );
      }
      await client.end();
    }),
  );
  const { records, head, problems } = await verify();
  assert.deepEqual(
    { records, head: Number(head), problems },
    { records: before + 120, head: before + 120, problems: 0 },
  );
});

test('an owner who gives up the role while the tenant is changed waits for no one who waits for the chain', async () => {
  const tenant = await application.tenants.create({ name: 'T', subdomain: 'deadlock' });
  const people = [0, 1, 2].map((index) =>
    application.users.create({
      tenantId: tenant.id,
      email: `o${index}@example.com`,
      displayName: 'O',
      role: 'owner',
    }),
  );
  const [one] = await Promise.all(people);
  const rounds = Array.from({ length: 10 }, (_, index) => [
    application.users.update(one?.id ?? '', { role: index % 2 ? 'owner' : 'admin' }),
    application.tenants.update(tenant.id, { name: `T${index}` }),
  ]);
  await Promise.all(rounds.flat());
});

test('what a caller gives for id, time and hashes is not used', async () => {
  const { head } = await verify();
  await administer(
    url,
    `insert into audit_log (id, occurred_at, actor, action, entity, leaf_hash, chain_hash) values (999, '2001-01-01', 'x', 'y', 'z', '\\x00', '\\x00')`,
  );
  const [record] = await audit.list({ action: 'y' });
  assert.equal(record?.id, String(Number(head) + 1));
  assert.ok(record && record.occurredAt.getFullYear() > 2001);
  assert.equal((await verify()).problems, 0);
});

const text = fc.option(
  fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('', '-1', '\u0000\u0001', 'é', '漢')),
  { nil: null },
);
const record = fc
  .array(text, { minLength: 12, maxLength: 12 })
  .map(
    (texts) =>
      Object.fromEntries(
        Object.keys(HASHED_COLUMNS).map((name, index) => [name, texts[index] ?? null]),
      ) as HashedRecord,
  );

test('property: from the encoding of a record the record can be read again', () => {
  // A decoder of every encoding is an inverse: no two records have one encoding.
  fc.assert(
    fc.property(record, (given) => {
      const content = Buffer.concat([Buffer.of(0), encodeRecord(given)]);
      assert.deepEqual(columnsOf({ id: 1n, leaf: content, chain: content, content }), { ...given });
    }),
    { numRuns: 300 },
  );
});

test('property: the database, the reader and a record’s texts give one leaf hash', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const stored = fc.string({ maxLength: 8 }).map((value) => value.replaceAll('\0', ''));
  try {
    await fc.assert(
      fc.asyncProperty(
        ...([
          stored,
          fc.option(stored),
          fc.option(fc.json({ maxDepth: 2 })),
          fc.option(fc.uuid()),
          fc.option(fc.ipV6()),
        ] as const),
        async (actor, requestId, json, tenantId, address) => {
          await client.query(
            `insert into audit_log (actor, action, entity, request_id, details, tenant_id, address) values ($1, $2, '', $3, $4, $5, $6)`,
            [actor, 'property', requestId, json?.replaceAll('\\u0000', ''), tenantId, address],
          );
        },
      ),
      { numRuns: 60 },
    );
    await client.query(
      "set client_encoding = 'LATIN1'; insert into audit_log (actor, action, entity) values (chr(233), 'property', chr(28450))",
    );
    let seen = 0;
    for await (const page of readRecords(sessionLog(client)))
      for (const one of page) {
        assert.deepEqual(leafHash(columnsOf(one)), one.leaf);
        seen += 1;
      }
    assert.ok(seen > 60);
  } finally {
    await client.end();
  }
});

/** RFC 6962, section 2.1, as it is written there. */
function mth(leaves: Buffer[]): Buffer {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = leaves;
  if (!only) return sha(Buffer.alloc(0));
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

test('property: tree, continued tree and proofs agree with RFC 6962', () => {
  const leaves = Array.from({ length: 70 }, () => randomBytes(32));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 70 }),
      fc.integer({ min: 0, max: 70 }),
      fc.nat(69),
      (size, split, index) => {
        const first = new MerkleTree();
        for (const leaf of leaves.slice(0, Math.min(split, size))) first.add(leaf);
        const tree = new MerkleTree(first.size, first.roots);
        for (const leaf of leaves.slice(Math.min(split, size), size)) tree.add(leaf);
        assert.deepEqual(tree.root(), mth(leaves.slice(0, size)));
        if (index >= size) return;
        const proof = siblingsOf(BigInt(index), BigInt(size)).map(({ from, to }) =>
          mth(leaves.slice(Number(from), Number(to))),
        );
        assert.deepEqual(
          rootFromProof(leaves[index] as Buffer, BigInt(index), BigInt(size), proof),
          tree.root(),
        );
        const wrong = rootFromProof(leaves[index] as Buffer, BigInt((index + 1) % size), BigInt(size), proof);
        assert.ok(size === 1 || !wrong?.equals(tree.root()));
      },
    ),
    { numRuns: 300 },
  );
});

test('a checkpoint is a signed note: a second reader, written from the specification, accepts it', () => {
  const note = notes[0] ?? '';
  // c2sp.org/signed-note: text, an empty line, lines of "— <name> base64(key id || signature)".
  const [body = '', signatures = ''] = note.split('\n\n');
  const signed = Buffer.from(`${body}\n`, 'utf8');
  const [, name, base64 = ''] = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)\n$/.exec(signatures) ?? [];
  assert.equal(name, 'crm.example.com/audit');
  const bytes = Buffer.from(base64, 'base64');
  assert.equal(bytes.length, 4 + 64);
  // Verifier key: <name>+<hex key id>+base64(1 || public key); key id = SHA-256(name || LF || 1 || public key)[:4].
  const [keyName, keyId = '', keyData = ''] = signer.text.split(/\+(.{8})\+/);
  assert.equal(keyName, name);
  const key = Buffer.from(keyData, 'base64');
  assert.equal(key[0], 1);
  const id = createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4);
  assert.equal(id.toString('hex'), keyId);
  assert.deepEqual(bytes.subarray(0, 4), id);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.subarray(1).toString('base64url') };
  assert.ok(verifySignature(null, signed, { key: jwk, format: 'jwk' }, bytes.subarray(4)));
  // c2sp.org/tlog-checkpoint: origin, size, root, extensions.
  const [origin, size, root, ...extensions] = body.split('\n');
  assert.deepEqual([origin, size], [name, '4']);
  assert.equal(Buffer.from(root ?? '', 'base64').length, 32);
  assert.match(extensions[0] ?? '', /^chain [A-Za-z0-9+/]{43}=$/);
});

test('a proof of one record is checked with the key alone; any change of it is refused', async () => {
  for (const id of [1n, 4n, 7n, 14n]) {
    const proof = await audit.prove(id, verifiers, { note: notes[2] });
    const onlyKey = [readVerifier(signer.text)];
    const { checkpoint } = verifyProofText(JSON.stringify(proof), onlyKey);
    assert.equal(checkpoint.size, 14n);
    assert.equal(proof.record.id, String(id));
    const refused = (changed: object, code: string) =>
      assert.throws(() => verifyProofText(JSON.stringify({ ...proof, ...changed }), onlyKey), { code });
    refused({ record: { ...proof.record, actor: 'another' } }, 'audit_log_changed');
    refused({ record: { ...proof.record, id: '2' } }, 'audit_log_changed');
    refused({ hashes: proof.hashes.slice(1) }, 'audit_log_changed');
    refused({ checkpoint: proof.checkpoint.replace('\n14\n', '\n15\n') }, 'audit_checkpoint_invalid');
    refused({ record: { id: '1' } }, 'audit_proof_invalid');
    assert.throws(() => verifyProofText(JSON.stringify(proof), [checkpointSigner(new Uint8Array(32))]), {
      code: 'audit_checkpoint_invalid',
    });
  }
  await assert.rejects(audit.prove(15n, verifiers, { note: notes[2] }), { code: 'audit_record_not_covered' });
  await assert.rejects(audit.prove(0n, verifiers, { note: notes[2] }), { code: 'audit_record_unknown' });
});
