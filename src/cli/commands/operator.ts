import { Command } from 'commander';
import { OPERATOR_ROLES, type OperatorRole } from '@/lib/application';
import { SignIn } from '@/lib/identity';
import { operatorOf } from '../authorize';
import { confirmByName } from '../confirm';
import { CommandError } from '../errors';
import { withInstance } from '../instance';
import { forgetToken, storedToken, storeToken } from '../operator-session';
import { printJson, printRecord } from '../output';
import { Questions } from '../questions';
import { isDemo } from '../start/demo-keys';
import { demoSecondFactor } from '../start/demo-operator';
import { systemActor } from '../system-actor';
import { signInOperator } from './operator-sign-in';
import { addPeopleCommands, findPerson, type Json } from './people';

export const operatorCommand = new Command('operator');

operatorCommand
  .command('sign-in [email]')
  .description('Sign in at this command line, with a second factor; sets one up at the first time')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Asks for what it needs at a terminal; else reads one line of standard input for each: the address where it is not given, the
password, a new password if the current one was given out, and the code. Ends after an hour without use, or 12 hours.`,
  )
  .action((email: string | undefined, { json }: Json) =>
    withInstance(async (instance) => {
      const questions = new Questions();
      const { user, token } = await signInOperator(instance, email, questions).finally(() =>
        questions.close(),
      );
      await storeToken(token);
      const { displayName, operatorRole } = user;
      if (json) return printJson({ email: user.email, name: displayName, role: operatorRole });
      console.log(`Signed in as ${displayName}, ${operatorRole}. End it: marquee operator sign-out`);
    }),
  );

operatorCommand
  .command('demo-code')
  .description('Show a code of the second factor of the demo’s operator')
  .option('--json', 'print JSON')
  .action(({ json }: Json) =>
    withInstance(async (instance) => {
      const factor = (await isDemo()) ? await demoSecondFactor(instance) : undefined;
      if (!factor) {
        throw new CommandError('demo_missing', 'There is no demo here with its operator’s second factor.', {
          hint: 'Start one with npm start; elsewhere your authenticator has the code.',
        });
      }
      if (json) return printJson(factor);
      console.log(`${factor.code}  (works once; for an authenticator: ${factor.uri})`);
    }),
  );

operatorCommand
  .command('sign-out')
  .description('End the sign-in at this command line')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) => {
    const token = await storedToken();
    await forgetToken();
    if (token !== undefined) {
      await withInstance(async (instance) => {
        const session = await operatorOf(instance, token).catch(() => undefined);
        if (!session?.record) return;
        const { user, record } = session;
        const signIn = new SignIn(instance.application, instance.operations, instance.tokens);
        const by = { actor: `user:${user.id}`, address: systemActor() };
        await signIn.end(user, record.id, 'signed_out', by);
      });
    }
    if (json) return printJson({ signedOut: token !== undefined });
    console.log(token === undefined ? 'No operator was signed in.' : 'Signed out.');
  });

operatorCommand
  .command('whoami')
  .description('Show who acts at this command line, and in which role')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) => {
    const token = await storedToken();
    if (token === undefined) return printRecord({ actor: systemActor(), role: 'owner', until: null }, json);
    await withInstance(async (instance) => {
      const { user, record } = await operatorOf(instance, token);
      printRecord(
        {
          ...{ actor: `user:${user.id}`, email: user.email, name: user.displayName },
          ...{ role: user.operatorRole, until: record?.expiresAt ?? null },
        },
        json,
      );
    });
  });

addPeopleCommands<Json, OperatorRole>(operatorCommand, {
  options: (command) => command,
  tenantIdOf: async () => null,
  roles: OPERATOR_ROLES,
  defaultRole: 'support',
  roleOf: ({ operatorRole }) => operatorRole,
  roleChange: (operatorRole) => ({ role: 'operator', operatorRole }),
  addOne: 'marquee operator add',
});

operatorCommand
  .command('remove <email>')
  .description('Remove an operator; their sessions end')
  .option('--yes', 'do not ask')
  .option('--json', 'print JSON')
  .action((email: string, { yes, json }: Json & { yes?: boolean }) =>
    withInstance(async (instance) => {
      const user = await findPerson(instance, null, email, 'marquee operator list');
      if (!yes)
        await confirmByName({ subdomain: user.email }, `${user.displayName} may not sign in any more.`);
      await instance.application.users.remove(user.id);
      if (json) return printJson({ removed: user.email });
      console.log(`Removed ${user.email}.`);
    }),
  );
