import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { alertChannels } from '@/cli/alert-channels';
import { alertsCommand } from '@/cli/commands/alerts';
import { watchOnce } from '@/lib/alerts';
import type { Configuration } from '@/lib/configuration';
import { createOutboxTransport } from '@/lib/crm/delivery/jobs';
import { createInstallation } from '../lib/data-sources/installation';

const installation = await createInstallation();
const { application, operations } = installation;
const directory = path.join(tmpdir(), `marquee-alerts-${process.pid}`);
after(() => rm(directory, { recursive: true, force: true }));
Object.assign(process.env, {
  MARQUEE_STATE_DIRECTORY: path.join(directory, 'state'),
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
});
const ME = `cli:${userInfo().username}@${hostname()}`;

/** Runs the command in this process: starting one takes longer than all else here. */
async function run(...args: string[]) {
  const printed: string[] = [];
  const logged: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => printed.push(line);
  console.error = (line: string) => logged.push(line);
  try {
    await alertsCommand.parseAsync([...args, '--json'], { from: 'user' });
    return { code: Number(process.exitCode ?? 0), answer: JSON.parse(printed.join('\n')), logged };
  } finally {
    Object.assign(console, { log, error });
    process.exitCode = undefined;
  }
}

test('alerts are listed and acknowledged by a person; the log channel writes one line of JSON', async () => {
  const outbox = createOutboxTransport(path.join(directory, 'outbox'));
  const configuration = {
    MAIL_FROM: 'mail@crm.example',
    ALERT_MAIL_TO: ['security@example.com'],
  } as Configuration;
  const channels = alertChannels({ application, configuration }, outbox);
  assert.deepEqual(
    channels.map(({ name }) => name),
    ['log', 'mail'],
  );
  const parts = { application, operations, channels };
  await watchOnce(parts);
  const details = { reason: '<b>no disk</b>' };
  await application.audit.append({
    action: 'backups.drill_failed',
    entity: 'backups',
    entityId: 'b1',
    details,
  });
  await watchOnce(parts);
  const { answer } = await run('list');
  assert.equal(answer.length, 1);
  const [alert] = answer;
  for (const channel of channels) await channel.send(alert);
  const [file = ''] = await outbox.list();
  const mail = await outbox.read(file);
  assert.match(mail, /^To: security@example\.com$/m);
  assert.match(mail, /^Subject: Alert \(critical\): A backup could not be restored in a drill$/m);
  assert.match(mail, /backups\.drill_failed b1/);
  assert.match(mail, /&lt;b&gt;no disk/);

  const [, toNobody] = alertChannels(
    { application, configuration: { MAIL_FROM: 'mail@crm.example' } as Configuration },
    outbox,
  );
  await assert.rejects(async () => toNobody?.send(alert), /No one gets it/);

  await run('acknowledge', alert.id.slice(0, 8), '--note', 'the disk was full');
  assert.deepEqual((await run('list')).answer, []);
  const [kept] = (await run('list', '--all')).answer;
  assert.deepEqual([kept.acknowledgedBy, kept.note], [ME, 'the disk was full']);
  await assert.rejects(run('ack', alert.id), { code: 'alert_unknown' });
});

test('rules are changed by fields, or from a file', async () => {
  const { answer } = await run('rules', 'outside-hours', 'when.timeZone=Europe/Berlin', 'when.from=08:00');
  assert.deepEqual(
    [answer[0].when.timeZone, answer[0].when.from, answer[0].when.to],
    ['Europe/Berlin', '08:00', '20:00'],
  );
  const own = {
    title: 'Exported',
    severity: 'notice',
    match: { actions: ['exports.*'] },
    when: { kind: 'each' },
  };
  const file = path.join(directory, 'rule.json');
  await writeFile(file, JSON.stringify(own));
  await run('rules', 'exports', '--file', file);
  assert.equal((await run('rules')).answer.at(-1).name, 'exports');
  await run('rules', 'exports', '--reset');
  await assert.rejects(run('rules', 'outside-hours', 'nonsense'), { code: 'alert_rule_invalid' });
  const [record] = await application.audit.list({ entity: 'alert_rules', entityId: 'outside-hours' });
  assert.equal(record?.actor, ME);
});

test('a test alert goes to every channel, and says which failed', async () => {
  const { code, answer, logged } = await run('test');
  assert.deepEqual([code, answer], [0, [{ channel: 'log', problem: null }]]);
  assert.match(JSON.parse(logged.join('')).msg, /^Alert: A test by cli:/);
  process.env.ALERT_WEBHOOK_URL = 'http://127.0.0.1:9/';
  process.env.ALERT_WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const failed = await run('test');
  assert.equal(failed.code, 1);
  assert.equal(failed.answer[1].channel, 'webhook');
  assert.match(failed.answer[1].problem, /did not take the event/);
});
