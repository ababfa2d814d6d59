import { Command } from 'commander';
import { TENANT_ROLES } from '@/lib/application';
import { CommandError } from '../errors';
import { addPeopleCommands, type Json } from './people';

export const userCommand = new Command('user');

addPeopleCommands<Json & { tenant?: string }, (typeof TENANT_ROLES)[number]>(userCommand, {
  options: (command) => command.option('--tenant <tenant>', 'the tenant, by id or subdomain'),
  async tenantIdOf(instance, { tenant }) {
    if (tenant) return (await instance.application.tenants.named(tenant)).id;
    throw new CommandError('tenant_required', 'Give --tenant.', {
      hint: 'List tenants: marquee tenant list',
    });
  },
  roles: TENANT_ROLES,
  defaultRole: 'staff',
  roleOf: ({ role }) => role,
  roleChange: (role) => ({ role }),
  addOne: 'marquee user add',
});
