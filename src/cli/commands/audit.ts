import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { verifyAuditLog } from '@/lib/alerts';
import {
  type CheckpointVerifier,
  deliverCheckpoint,
  readNotes,
  readVerifier,
  segmentsIn,
  verifyProofText,
} from '@/lib/application';
import { withChannels } from '../alert-channels';
import { checkpointKeys, checkpointSinks, describeLogin } from '../audit-settings';
import { CommandError } from '../errors';
import { pointInTime, recordId, wholeNumber } from '../given-values';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';

interface Options {
  json?: boolean;
  checkpoints?: string;
  archives?: string;
  key?: string[];
  out?: string;
}

export const auditCommand = new Command('audit');

interface Listed {
  who?: string;
  tenant?: string;
  action?: string;
  entityId?: string;
  since?: Date;
  until?: Date;
  before?: string;
  limit: number;
  json?: boolean;
}

auditCommand
  .command('list')
  .description('Show who did what to what, when and from where, the newest first')
  .option(
    '--who <actor>',
    'an operator’s address, with --tenant that of its user, or an actor such as cli:ann',
  )
  .option('--tenant <tenant>', 'only of this tenant')
  .option('--action <action>', 'such as tenants.update')
  .option('--entity-id <id>', 'only about what has this id')
  .option('--since <time>', 'from this time on, such as 2026-08-01T03:00Z', pointInTime)
  .option('--until <time>', 'before this time', pointInTime)
  .option('--limit <n>', 'how many at most', wholeNumber(1, 1_000), 50)
  .option('--before <id>', 'only records that are older than this one', recordId)
  .option('--json', 'print JSON')
  .action(async ({ who, tenant: name, before: beforeId, json, ...filter }: Listed) =>
    withInstance(async ({ application: { audit, tenants, users } }) => {
      const tenantId = name === undefined ? undefined : (await tenants.named(name)).id;
      const actor = who === undefined ? undefined : await users.actorNamed(who, tenantId);
      const given = Object.entries({ ...filter, tenantId, actor, beforeId });
      const records = await audit.list(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
      if (json) return printJson(records);
      const names = await tenants.names(records.flatMap((record) => record.tenantId ?? []));
      const people = new Map<string, string>();
      for (const person of new Set(records.map((record) => record.actor))) {
        const user = person.startsWith('user:') ? await users.find(person.slice('user:'.length)) : undefined;
        people.set(person, user?.displayName ?? person);
      }
      const rows = records.map(({ id, occurredAt, action, entityId, address, ...record }) => ({
        ...{ id, when: occurredAt, who: people.get(record.actor), action, about: entityId },
        ...{ tenant: names.get(record.tenantId ?? '')?.subdomain, from: address },
      }));
      printRows(rows, false, 'There are no such records.');
      if (records.length === filter.limit) console.log(`Older ones: add --before ${records.at(-1)?.id}`);
    }),
  );

auditCommand
  .command('verify')
  .description('Read the whole audit log and say which records were edited, deleted, inserted or rewritten')
  .option(
    '--checkpoints <file>',
    'signed checkpoints from outside the database (default: AUDIT_CHECKPOINT_FILE)',
  )
  .option(
    '--archives <directory>',
    'also read the segments of archived records (default: they are taken as signed)',
  )
  .option('--key <key...>', 'keys that checkpoints are signed with (default: those of this installation)')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Exit code 1 where something was changed. Hashes are computed by this process, not by the database. Without checkpoints from
outside, a cut end and a history that was written anew as a whole cannot be seen. See docs/audit-log.md.`,
  )
  .action(async ({ json, checkpoints, archives, key }: Options) =>
    withInstance(async (instance) => {
      const { configuration } = instance;
      const file = checkpoints ?? configuration.AUDIT_CHECKPOINT_FILE;
      const segments = archives ? await segmentsOf(archives) : [];
      const verifying = withSpinner('Reading the audit log', json, async () => {
        const verifiers = await verifiersOf(instance, key);
        return withChannels(instance, (channels) =>
          verifyAuditLog({ ...instance, channels }, { verifiers, file, segments }),
        );
      });
      const { seconds, login, outside, ...result } = await (file
        ? unlessMissing(file, verifying)
        : verifying);
      const recordsPerSecond = Math.round(result.records / seconds);
      if (result.problems > 0) process.exitCode = 1;
      if (json) return printJson({ ...result, seconds, recordsPerSecond, login });
      const { records, head, problems, findings, covered } = result;
      console.log(
        `${records} records up to ${head}, read in ${seconds.toFixed(1)} s (${recordsPerSecond} a second)`,
      );
      console.log(
        `${result.checkpoints} signed checkpoints fit. ${
          outside
            ? `Those from outside cover the records up to ${covered}.`
            : 'None is from outside: a cut end cannot be seen. Give some: --checkpoints'
        }`,
      );
      if (result.archived !== '0' && segments.length === 0) {
        console.log(`Records up to ${result.archived} are archived; to read them too, give --archives.`);
      }
      if (login.length > 0) console.log(describeLogin(login));
      console.log(problems === 0 ? 'Nothing was changed.' : `\n${problems} problems:`);
      if (problems > 0)
        printRows(
          findings.map(({ kind, id, message }) => ({ kind, id, message })),
          false,
        );
    }),
  );

auditCommand
  .command('checkpoint')
  .description('Sign the current state of the audit log and write it to every configured place outside')
  .option('--json', 'print JSON')
  .action(async ({ json }: Options) =>
    withInstance(async (instance) => {
      const { audit } = instance.application;
      const { signer, verifiers } = await checkpointKeys(instance);
      const signed = await audit.checkpoint(signer, verifiers, { actor: cliActor() });
      if (!json) console.log(signed.note);
      const delivered = await deliverCheckpoint(checkpointSinks(instance.configuration), signed);
      if (json) {
        const { note, isNew, checkpoint } = signed;
        return printJson({ note, isNew, size: String(checkpoint.size), delivered });
      }
      console.log(
        delivered.length > 0
          ? `Written to ${delivered.join(', ')}.`
          : 'It is in the log only. To have it written elsewhere too, set AUDIT_CHECKPOINT_FILE.',
      );
    }),
  );

auditCommand
  .command('archive')
  .description(
    'Move old records to a file: a whole segment up to a signed checkpoint, which stays verifiable',
  )
  .requiredOption('--to <directory>', 'where the segment is written; keep it, and a copy elsewhere')
  .requiredOption('--older-than <days>', 'how many days of records stay', daysAgo)
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
The segment is read back and checked before anything is removed. Needs the owner of the tables: APPLICATION_DATABASE_OWNER_URL,
where the servers' login is another one.`,
  )
  .action(async ({ json, to, olderThan }: { json?: boolean; to: string; olderThan: Date }) =>
    withInstance(async (instance) => {
      const { audit } = instance.application;
      const { APPLICATION_DATABASE_OWNER_URL: owner, APPLICATION_DATABASE_URL: url } = instance.configuration;
      const keys = await checkpointKeys(instance);
      await mkdir(to, { recursive: true, mode: 0o700 });
      const result = await withSpinner('Archiving the audit log', json, () =>
        audit.archive({
          ...{ directory: to, before: olderThan, ownerUrl: owner ?? url, actor: cliActor() },
          ...keys,
        }),
      );
      if (json) return printJson(result);
      const { file, first, last, removed } = result;
      console.log(file ? `Records ${first} to ${last} are in ${file}.` : 'No further records are that old.');
      if (removed > 0) console.log(`${removed} records were removed from the database.`);
    }),
  );

auditCommand
  .command('key')
  .description(
    'Print the keys that verify this installation’s checkpoints, the current one first; they are public',
  )
  .option('--json', 'print JSON')
  .action(async ({ json }: Options) =>
    withInstance(async (instance) => {
      const [present, ...previous] = (await checkpointKeys(instance)).verifiers.map(({ text }) => text);
      if (json) printJson({ key: present, previous });
      else console.log([present, ...previous].join('\n'));
    }),
  );

auditCommand
  .command('proof <id>')
  .description('Prove that a record is in the log that was signed; the proof is checked without the database')
  .option(
    '--checkpoints <file>',
    'prove it against the last checkpoint in this file (default: the last one in the log)',
  )
  .option('--archives <directory>', 'segments of archived records')
  .option('--out <file>', 'write the proof to a file')
  .option('--json', 'print JSON')
  .action(async (id: string, { json, checkpoints, archives, out }: Options) =>
    withInstance(async (instance) => {
      const { audit } = instance.application;
      if (!/^[1-9]\d{0,17}$/.test(id)) {
        throw new CommandError('audit_record_unknown', `The audit log has no record ${id}.`, {
          hint: 'Give the record’s id, a whole number.',
        });
      }
      const note = checkpoints && (await unlessMissing(checkpoints, readNotes(checkpoints))).at(-1);
      const { verifiers } = await checkpointKeys(instance);
      const proof = await audit.prove(BigInt(id), verifiers, {
        note: note || undefined,
        segments: archives ? await segmentsOf(archives) : [],
      });
      if (!out) return printJson(proof);
      await writeFile(out, `${JSON.stringify(proof, null, 2)}\n`);
      if (json) printJson({ written: out });
      else console.log(`Written to ${out}. Check it anywhere: marquee audit verify-proof ${out} --key <key>`);
    }),
  );

auditCommand
  .command('verify-proof <file>')
  .description('Check a proof and show its record; with --key it needs no database')
  .option('--key <key...>', 'keys that checkpoints are signed with (default: those of this installation)')
  .option('--json', 'print JSON')
  .action(async (file: string, { json, key }: Options) => {
    const text = await unlessMissing(file, readFile(file, 'utf8'));
    const verifiers = key
      ? key.map(readVerifier)
      : await withInstance(async (instance) => (await checkpointKeys(instance)).verifiers);
    const { proof, checkpoint } = verifyProofText(text, verifiers);
    const { occurredAt, ...record } = proof.record;
    const shown = { occurredAt: new Date(Number(occurredAt) / 1000).toISOString(), ...record };
    if (json) return printJson({ record: shown, size: String(checkpoint.size), madeAt: checkpoint.madeAt });
    printRecord(shown, false);
    console.log(
      `\nIt is record ${record.id} of the ${checkpoint.size} that ${checkpoint.origin} signed at ${checkpoint.madeAt}.`,
    );
  });

async function verifiersOf(instance: Instance, keys: string[] | undefined): Promise<CheckpointVerifier[]> {
  return keys ? keys.map(readVerifier) : (await checkpointKeys(instance)).verifiers;
}

/** A whole number of days, as a time in the past. */
function daysAgo(text: string): Date {
  return new Date(Date.now() - wholeNumber(0, 36_500)(text) * 86_400_000);
}

function segmentsOf(directory: string): Promise<string[]> {
  return unlessMissing(directory, segmentsIn(directory));
}

function unlessMissing<T>(file: string, reading: Promise<T>): Promise<T> {
  return reading.catch((cause: NodeJS.ErrnoException) => {
    if (cause.syscall === undefined) throw cause;
    throw new CommandError('file_unreadable', `${file} cannot be read.`, { hint: 'Check the path.', cause });
  });
}
