import { Command } from 'commander';
import { addRequestedDatabase, answerRequest } from '@/lib/fleet/requests';
import { CommandError } from '../errors';
import { cliActor, withInstance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';

interface Options {
  json?: boolean;
  answer?: string;
}

export const requestCommand = new Command('request');

requestCommand
  .command('list')
  .description('Show open requests, or all')
  .option('--all', 'also those that are answered or withdrawn')
  .option('--json', 'print JSON')
  .action(async ({ all, json }: Options & { all?: boolean }) =>
    withInstance(async ({ application, operations }) => {
      const requests = await operations.customerRequests.list({ open: !all });
      const names = await application.tenants.names(requests.map(({ tenantId }) => tenantId));
      const rows = requests.map(({ id, tenantId, kind, state, requestedAt, note }) => {
        const tenant = names.get(tenantId)?.subdomain ?? tenantId;
        return { id, tenant, kind, state, asked: requestedAt, note };
      });
      printRows(rows, json, 'There are no open requests.');
    }),
  );

requestCommand
  .command('approve')
  .argument('<id>', 'of a request for a database of the company’s own; its first characters suffice')
  .description('Test and set up the company’s database, and add it as a data source; nothing moves yet')
  .option('--name <name>', 'of the data source (default: the tenant’s subdomain)')
  .option('--answer <text>', 'words for the company')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Its URL was given by the company and stays unseen: it is encrypted, read here, and forgotten with the answer. The data stay where they are until
marquee move start, which copies them while the company works, and can be rolled back.`,
  )
  .action(async (id: string, { json, answer, name }: Options & { name?: string }) =>
    withInstance(async (instance) => {
      const { application, operations } = instance;
      const request = await operations.customerRequests.find(id);
      if (request.kind !== 'own_database') {
        throw new CommandError('option_invalid', 'The company asks for an export.', {
          hint: `Make it: marquee backup export. Then: marquee request done ${id}`,
        });
      }
      const { subdomain } = await application.tenants.get(request.tenantId);
      const { CUSTOMER_DATABASE_NETWORKS: networks } = instance.configuration;
      const by = { actor: cliActor() };
      const {
        request: ended,
        dataSource,
        steps,
      } = await withSpinner(`Preparing ${name ?? subdomain}`, json, () =>
        addRequestedDatabase(instance, request, { name, networks, by, ...(answer ? { answer } : {}) }),
      );
      if (json) return printJson({ request: ended, dataSource });
      for (const step of steps) console.log(step);
      console.log(`Added ${dataSource.name}. Move the data there:`);
      console.log(`  marquee move start ${subdomain} --to ${dataSource.name}`);
    }),
  );

for (const [step, state, description] of [
  ['done', 'done', 'Mark a request as done: an export was handed over'],
  ['decline', 'declined', 'Decline a request; what it had of the company’s database is forgotten'],
] as const) {
  requestCommand
    .command(step)
    .argument('<id>', 'its first characters suffice')
    .description(description)
    .option('--answer <text>', 'words for the company')
    .option('--json', 'print JSON')
    .action(async (id: string, { json, answer }: Options) =>
      withInstance(async (instance) => {
        const request = await instance.operations.customerRequests.find(id);
        const by = { actor: cliActor() };
        const ended = await answerRequest(instance, request, state, answer ?? null, by);
        if (json) return printJson(ended);
        console.log(`The request is ${state}; the company sees it under Settings, Your data.`);
      }),
    );
}
