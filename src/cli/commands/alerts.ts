import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { Alerts } from '@/lib/alerts';
import { withChannels } from '../alert-channels';
import { CommandError } from '../errors';
import { wholeNumber } from '../given-values';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface Json {
  json?: boolean;
}

interface RuleOptions extends Json {
  file?: string;
  reset?: boolean;
}

export const alertsCommand = new Command('alerts');

alertsCommand
  .command('list')
  .description('List open alerts, the newest first')
  .option('--all', 'also those that were acknowledged')
  .option('--limit <n>', 'how many at most', wholeNumber(1, 1_000), 100)
  .option('--before <id>', 'only those that are older than this one')
  .option('--json', 'print JSON')
  .action(async ({ json, ...options }: Json & { all?: boolean; limit: number; before?: string }) =>
    withAlerts(async (alerts) => {
      const found = await alerts.list(options);
      if (json) return printJson(found);
      const rows = found.map(
        ({ id, severity, rule, title, occurrences, raisedAt, acknowledgedBy, deliveries }) => ({
          ...{ id: id.slice(0, 8), raised: raisedAt, severity, rule, times: occurrences },
          sent: deliveries
            .map(({ channel, deliveredAt }) => (deliveredAt ? channel : `${channel} (waits)`))
            .join(', '),
          ...(options.all ? { acknowledged: acknowledgedBy } : {}),
          title,
        }),
      );
      printRows(rows, false, options.before ? 'There are no older ones.' : 'There are no open alerts.');
      if (rows.length === options.limit)
        console.log(
          `Older ones: marquee alerts list${options.all ? ' --all' : ''} --before ${rows.at(-1)?.id}`,
        );
    }),
  );

alertsCommand
  .command('acknowledge <id...>')
  .alias('ack')
  .description('Acknowledge alerts whose cause was looked into')
  .option('--note <text>', 'what was found; kept with the alert and in the audit log')
  .option('--json', 'print JSON')
  .action(async (ids: string[], { json, note }: Json & { note?: string }) =>
    withAlerts(async (alerts) => {
      const done = [];
      for (const id of ids) done.push(await alerts.acknowledge(id, { actor: cliActor() }, note));
      if (json) return printJson(done);
      for (const { id, title } of done) console.log(`${id.slice(0, 8)} is acknowledged: ${title}`);
    }),
  );

alertsCommand
  .command('rules [name] [changes...]')
  .description('List the rules, show one, or change it: field=value, such as when.timeZone=Europe/Berlin')
  .option('--file <file>', 'a rule of your own, or changes of one, as JSON')
  .option('--reset', 'back to the default; removes a rule of your own')
  .option('--json', 'print JSON')
  .addHelpText('after', '\nValues are JSON where they can be read so, else text. See docs/alerts.md.')
  .action(async (name: string | undefined, changes: string[], options: RuleOptions) =>
    withAlerts(async (alerts) => {
      const { json, file, reset } = options;
      const by = { actor: cliActor() };
      if (name && reset) await alerts.resetRule(name, by);
      else if (name && (file || changes.length > 0)) {
        const given = file ? await readRule(file) : {};
        for (const change of changes) assign(given, change);
        await alerts.setRule(name, given, by);
      }
      const all = await alerts.rules();
      const shown = name ? all.filter((rule) => rule.name === name) : all;
      if (name && shown.length === 0 && !reset) {
        throw new CommandError('alert_rule_unknown', `There is no rule ${name}.`);
      }
      if (json) return printJson(shown);
      const rows = shown.map(({ name, severity, enabled, when, title }) => {
        const { kind, ...settings } = when;
        return { name, on: enabled ? 'on' : 'off', severity, when: kind, settings, title };
      });
      printRows(rows, false);
    }),
  );

alertsCommand
  .command('test')
  .description('Send a test alert by every configured channel; exit code 1 where one fails')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withAlerts(async (alerts) => {
      const results = await alerts.test({ actor: cliActor() });
      if (results.some(({ problem }) => problem !== null)) process.exitCode = 1;
      if (json) return printJson(results);
      printRows(
        results.map(({ channel, problem }) => ({ channel, result: problem ?? 'sent' })),
        false,
      );
      if (results.length === 1) {
        console.log('Alerts are only logged. To have them sent, set ALERT_WEBHOOK_URL or SMTP_URL.');
      }
    }),
  );

function withAlerts<T>(work: (alerts: Alerts, instance: Instance) => Promise<T>): Promise<T> {
  return withInstance((instance) =>
    withChannels(instance, (channels) => work(new Alerts({ ...instance, channels }), instance)),
  );
}

async function readRule(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CommandError('file_unreadable', `${file} cannot be read as JSON.`, {
      hint: 'Check the path.',
      cause,
    });
  }
}

/** `when.from=08:00` → `{when: {from: '08:00'}}` */
function assign(rule: Record<string, unknown>, change: string): void {
  const [, path = '', text = ''] = /^([\w.]+)=(.*)$/s.exec(change) ?? [];
  const names = path.split('.');
  const last = names.pop();
  if (!last || names.includes('__proto__') || last === '__proto__') {
    throw new CommandError('alert_rule_invalid', `“${change}” is no change of a rule.`, {
      hint: 'Write field=value, such as when.timeZone=Europe/Berlin.',
    });
  }
  let place = rule;
  for (const name of names) {
    place[name] ??= {};
    place = place[name] as Record<string, unknown>;
  }
  place[last] = jsonOrText(text);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
