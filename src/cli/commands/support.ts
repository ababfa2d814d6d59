import { Command, InvalidArgumentError, Option } from 'commander';
import { readNames } from '@/lib/data-sources';
import { API_KEY_ROLES, type ApiKeyRole, type Session, SignIn } from '@/lib/identity';
import { operatorOf } from '../authorize';
import { CommandError } from '../errors';
import { type Instance, withInstance } from '../instance';
import { storedToken } from '../operator-session';
import { printJson, printRows } from '../output';
import { systemActor } from '../system-actor';
import type { Json } from './people';

export const supportCommand = new Command('support');

supportCommand
  .command('list')
  .description('List requests for access, the newest first')
  .option('--tenant <tenant>', 'only those for this tenant, by id or subdomain')
  .option('--json', 'print JSON')
  .action(({ tenant, json }: Json & { tenant?: string }) =>
    withInstance(async (instance) => {
      const of = tenant === undefined ? undefined : (await instance.application.tenants.named(tenant)).id;
      const accesses = await signInOf(instance).support.list(of);
      if (json) return printJson(accesses);
      const names = await readNames(
        instance,
        accesses.map(({ tenantId }) => tenantId),
      );
      const rows = accesses.map(({ id, tenantId, operatorName, role, reason, ...access }) => ({
        ...{
          id,
          tenant: names.tenant(tenantId),
          operator: operatorName,
          role,
          asked: access.askedAt.toISOString(),
        },
        ...{ until: access.allowedUntil?.toISOString(), ended: access.endedAt?.toISOString(), reason },
      }));
      printRows(rows, false, 'There are no requests for access. Ask: marquee support ask');
    }),
  );

supportCommand
  .command('ask <tenant>')
  .description('Ask a company for access to its data, for some hours from when it allows it')
  .requiredOption('--reason <text>', 'why, as the company reads it (10 to 500 characters)', reasonOf)
  .option('--hours <n>', 'how long, 1 to 72', hoursOf, 2)
  .addOption(new Option('--role <role>', 'what it allows').choices(API_KEY_ROLES).default('viewer'))
  .option('--json', 'print JSON')
  .action((name: string, options: Json & { reason: string; hours: number; role: ApiKeyRole }) =>
    withOperator(async (instance, { user }, by) => {
      const { reason, hours, role, json } = options;
      const { id: tenantId } = await instance.application.tenants.named(name);
      const access = await signInOf(instance).support.ask(user, { tenantId, reason, hours, role }, by);
      if (json) return printJson(access);
      console.log(
        access.allowedUntil
          ? `Access ${access.id} is open until ${access.allowedUntil.toISOString()}.`
          : `Asked as ${access.id}. An owner or admin of the company answers under Settings, Support access.`,
      );
    }),
  );

supportCommand
  .command('open <id>')
  .description('Print an address that begins a support session: valid once, for five minutes')
  .option('--json', 'print JSON')
  .action((id: string, { json }: Json) =>
    withOperator(async (instance, { user }) => {
      const { token, tenantId } = await signInOf(instance).support.token(user, id);
      const { subdomain } = await instance.application.tenants.get(tenantId);
      const { PUBLIC_URL, PORT } = instance.configuration;
      const page = (PUBLIC_URL ?? `http://localhost:${PORT}`).replace(/\/$/, '');
      const url = `${page}/t/${subdomain}/support#${token}`;
      if (json) return printJson({ url });
      console.log(url);
    }),
  );

supportCommand
  .command('end <id>')
  .description('End an access, at once')
  .option('--json', 'print JSON')
  .action((id: string, { json }: Json) =>
    withOperator(async (instance, { user }, by) => {
      const access = await signInOf(instance).support.end({ id, operatorId: user.id }, user, by);
      if (json) return printJson(access);
      console.log('The access has ended.');
    }),
  );

function signInOf({ application, operations, tokens }: Instance): SignIn {
  return new SignIn(application, operations, tokens);
}

/** The company sees a person’s name, so a person has to be signed in. @throws CommandError `operator_sign_in_required` */
function withOperator(
  work: (instance: Instance, session: Session, by: { actor: string; address: string }) => Promise<void>,
): Promise<void> {
  return withInstance(async (instance) => {
    const token = await storedToken();
    if (token === undefined) {
      throw new CommandError(
        'operator_sign_in_required',
        'The company sees who asks: no operator is signed in here.',
        {
          hint: 'Sign in: marquee operator sign-in',
        },
      );
    }
    const session = await operatorOf(instance, token);
    await work(instance, session, { actor: `user:${session.user.id}`, address: systemActor() });
  });
}

function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason.length >= 10 && reason.length <= 500) return reason;
  throw new InvalidArgumentError('It must have 10 to 500 characters.');
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (Number.isInteger(hours) && hours >= 1 && hours <= 72) return hours;
  throw new InvalidArgumentError('It must be a whole number from 1 to 72.');
}
