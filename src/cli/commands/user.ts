import { Command, Option } from 'commander';
import type { User, UserRole } from '@/lib/application';
import { firstPassword, hashPassword } from '@/lib/identity';
import { CommandError } from '../errors';
import { type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';
import { findTenant } from './tenant';

interface Whose {
  tenant?: string;
  operator?: boolean;
  json?: boolean;
}

const ROLES = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'] as const;

export const userCommand = new Command('user').description('Add people, reset passwords, change roles');

/** A command about the people of a tenant, or about the operator's own. */
function command(usage: string, description: string): Command {
  return userCommand
    .command(usage)
    .description(description)
    .option('--tenant <tenant>', 'whose, by id or subdomain')
    .option('--operator', 'the operator’s own people, who belong to no tenant')
    .option('--json', 'print JSON');
}

command('list', 'List people').action(async (options: Whose) =>
  withInstance(async (instance) => {
    const users = await instance.application.users.list(await tenantIdOf(instance, options));
    const rows = users.map(({ email, displayName, role, status, lastSignInAt, id }) => ({
      ...{ email, name: displayName, role, status, lastSignIn: lastSignInAt?.toISOString() ?? null, id },
    }));
    printRows(rows, options.json, 'There are no users. Add one: marquee user add');
  }),
);

command('add <email>', 'Add a person; prints a first password, which must be changed at the first sign-in')
  .option('--name <name>', 'the person’s name; the address without it')
  .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES).default('staff'))
  .action(async (email: string, options: Whose & { name?: string; role: UserRole }) =>
    withInstance(async (instance) => {
      const tenantId = await tenantIdOf(instance, options);
      const password = firstPassword();
      const user = await instance.application.users.create({
        tenantId,
        email,
        displayName: options.name ?? email.split('@')[0] ?? email,
        role: tenantId === null ? 'operator' : options.role,
        passwordHash: await hashPassword(password),
        mustChangePassword: true,
      });
      if (options.json) return printJson({ user, password });
      console.log(`Added ${user.email} as ${user.role}. First password: ${password}`);
    }),
  );

command('reset <email>', 'Give a person a new first password; their sessions end').action(
  async (email: string, options: Whose) =>
    withInstance(async (instance) => {
      const { id } = await find(instance, email, options);
      const password = firstPassword();
      const { users } = instance.application;
      const user = await users.setPassword(id, await hashPassword(password), undefined, true);
      if (options.json) return printJson({ user, password });
      console.log(`The password of ${user.email} is now ${password} until they choose another.`);
    }),
);

for (const [verb, status, done] of [
  ['disable', 'disabled', 'may not sign in any more; their sessions have ended'],
  ['enable', 'active', 'may sign in again'],
] as const) {
  command(`${verb} <email>`, verb === 'disable' ? 'Let a person sign in no more' : 'Undo disable').action(
    async (email: string, options: Whose) =>
      withInstance(async (instance) => {
        const { id } = await find(instance, email, options);
        const user = await instance.application.users.update(id, { status });
        if (options.json) return printJson(user);
        console.log(`${user.email} ${done}.`);
      }),
  );
}

command('role <email> <role>', 'Change what a person may do').action(
  async (email: string, role: string, options: Whose) =>
    withInstance(async (instance) => {
      if (!ROLES.some((one) => one === role)) {
        throw new CommandError('role_unknown', `There is no role “${role}”.`, {
          hint: `Choose one of ${ROLES.join(', ')}.`,
        });
      }
      const { id } = await find(instance, email, options);
      const user = await instance.application.users.update(id, { role: role as UserRole });
      if (options.json) return printJson(user);
      console.log(`${user.email} is ${user.role} now; their sessions have ended.`);
    }),
);

/** @returns null for the operator's own people @throws CommandError `tenant_unknown`, `tenant_required` */
async function tenantIdOf(instance: Instance, { tenant, operator }: Whose): Promise<string | null> {
  if (operator && !tenant) return null;
  if (tenant && !operator) return (await findTenant(instance, tenant)).id;
  throw new CommandError('tenant_required', 'Give either --tenant or --operator.', {
    hint: 'List tenants: marquee tenant list',
  });
}

/** @throws CommandError `user_unknown`, and as `tenantIdOf` */
async function find(instance: Instance, email: string, whose: Whose): Promise<User> {
  const user = await instance.application.users.findByEmail(await tenantIdOf(instance, whose), email);
  if (user) return user;
  throw new CommandError('user_unknown', `There is no user with the address ${email}.`, {
    hint: 'List them: marquee user list',
  });
}
