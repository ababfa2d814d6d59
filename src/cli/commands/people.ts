// What `marquee user` and `marquee operator` have in common.

import { type Command, Option } from 'commander';
import type { NewUser, User, UserChanges } from '@/lib/application';
import { addPerson, resetPerson } from '@/lib/identity';
import { CommandError } from '../errors';
import { expectEmail } from '../given-values';
import { type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';

export interface Json {
  json?: boolean;
}

/** Whose people a command is about. */
interface Scope<Options, Role extends string> {
  /** Adds the options that say whose they are. */
  options(command: Command): Command;
  /** Null for operators. */
  tenantIdOf(instance: Instance, options: Options): Promise<string | null>;
  roles: readonly Role[];
  defaultRole: Role;
  roleOf(user: User): string | null;
  roleChange(role: Role): Pick<NewUser, 'role' | 'operatorRole'>;
  /** How one is added, for an empty list. */
  addOne: string;
}

/** Adds list, add, reset, disable, enable and role. */
export function addPeopleCommands<Options extends Json, Role extends string>(
  parent: Command,
  scope: Scope<Options, Role>,
): void {
  const { tenantIdOf, roleOf, roleChange } = scope;
  const roles: readonly string[] = scope.roles;
  const command = (usage: string, description: string) =>
    scope.options(parent.command(usage).description(description)).option('--json', 'print JSON');
  const find = async (instance: Instance, email: string, options: Options) =>
    findPerson(instance, await tenantIdOf(instance, options), email, `marquee ${parent.name()} list`);

  command('list', 'List people').action((options: Options) =>
    withInstance(async (instance) => {
      const users = await instance.application.users.list(await tenantIdOf(instance, options));
      const rows = users.map((user) => ({
        ...{ email: user.email, name: user.displayName, role: roleOf(user), status: user.status },
        ...{ lastSignIn: user.lastSignInAt?.toISOString() ?? null, id: user.id },
      }));
      printRows(rows, options.json, `There is no one. Add a person: ${scope.addOne}`);
    }),
  );

  command('add <email>', 'Add a person; prints a first password, which must be changed at the first sign-in')
    .option('--name <name>', 'the person’s name (default: the address)')
    .addOption(
      new Option('--role <role>', 'what the person may do').choices(roles).default(scope.defaultRole),
    )
    .action((email: string, options: Options & { name?: string; role: Role }) =>
      withInstance(async (instance) => {
        expectEmail(email);
        const { user, password } = await addPerson(instance.application, {
          ...{ tenantId: await tenantIdOf(instance, options), email },
          displayName: options.name ?? email.split('@')[0] ?? email,
          ...roleChange(options.role),
        });
        if (options.json) return printJson({ user, password });
        console.log(`Added ${user.email} as ${roleOf(user)}. First password: ${password}`);
      }),
    );

  command('reset <email>', 'Give a person a new first password; their sessions end')
    .option('--second-factor', 'also remove the second factor, after a lost phone')
    .action((email: string, options: Options & { secondFactor?: boolean }) =>
      withInstance(async (instance) => {
        const { id } = await find(instance, email, options);
        const { user, password } = await resetPerson(instance.application, id, options);
        if (options.json) return printJson({ user, password });
        console.log(`The password of ${user.email} is now ${password} until they choose another.`);
      }),
    );

  const changing = async (
    email: string,
    options: Options,
    changes: UserChanges,
    done: (user: User) => string,
  ) =>
    withInstance(async (instance) => {
      const { id } = await find(instance, email, options);
      const user = await instance.application.users.update(id, changes);
      if (options.json) return printJson(user);
      console.log(done(user));
    });

  command('disable <email>', 'Refuse a person’s sign-ins; their sessions end').action(
    (email: string, options: Options) =>
      changing(
        email,
        options,
        { status: 'disabled' },
        (user) => `${user.email} may not sign in any more; their sessions have ended.`,
      ),
  );
  command('enable <email>', 'Undo disable').action((email: string, options: Options) =>
    changing(email, options, { status: 'active' }, (user) => `${user.email} may sign in again.`),
  );

  command('role <email> <role>', 'Change a person’s role').action(
    async (email: string, role: string, options: Options) => {
      if (!roles.includes(role)) {
        throw new CommandError('role_unknown', `There is no role “${role}”.`, {
          hint: `Choose one of ${roles.join(', ')}.`,
        });
      }
      await changing(
        ...[email, options, roleChange(role as Role)],
        (user) => `${user.email} is ${roleOf(user)} now; their sessions have ended.`,
      );
    },
  );
}

/** @throws CommandError `user_unknown` */
export async function findPerson(
  { application }: Instance,
  tenantId: string | null,
  email: string,
  listing: string,
): Promise<User> {
  const user = await application.users.findByEmail(tenantId, email);
  if (user) return user;
  throw new CommandError('user_unknown', `There is no user ${email} there.`, {
    hint: `List them: ${listing}`,
  });
}
