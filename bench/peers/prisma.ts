import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';
import { COLUMNS, claimsFor, type Peer } from './peer';

const SELECT = Object.fromEntries(COLUMNS.map((column) => [column, true]));

/** With row-level security as Prisma's own example extension has it: set_config and the query in one $transaction. */
export async function prisma(url: string, connections: number): Promise<Peer> {
  const claims = claimsFor(url);
  const base = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: connections }) });
  const forTenant = (tenantId: string) =>
    base.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const [, , result] = await base.$transaction([
              base.$executeRaw`select set_config('request.jwt.claims', ${claims(tenantId)}, true)`,
              base.$executeRaw`set local role tenant_service`,
              query(args),
            ]);
            return result;
          },
        },
      },
    });
  const clients = new Map<string, ReturnType<typeof forTenant>>();
  return {
    name: 'prisma',
    rows: (tenantId) => {
      let client = clients.get(tenantId);
      if (!client) {
        client = forTenant(tenantId);
        clients.set(tenantId, client);
      }
      return client.accounts.findMany({
        select: SELECT,
        where: { tenant_id: tenantId },
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
        take: 20,
      });
    },
    close: () => base.$disconnect(),
  };
}
