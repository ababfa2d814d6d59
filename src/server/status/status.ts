// What the status page and `/api/service-status` say: of the company in the address, else of all together. Never whose data are where.
import type { Context } from 'hono';
import { type PublicHealth, readPublicHealth } from '@/lib/fleet/health';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import type { Service } from './words';

export interface Status {
  /** Null where the address names no company. */
  company: string | null;
  service: Service;
  database: PublicHealth;
}

const UNKNOWN: PublicHealth = { state: 'unknown', incidents: [] };

/** Also answers when Marquee's own databases cannot be reached: that is when people look here. */
export async function readStatus(context: Context<Environment>, parts: ServerDependencies): Promise<Status> {
  const { subdomain } = context.env;
  const { application, operations, logger } = parts;
  try {
    const tenant = subdomain ? await application.tenants.findBySubdomain(subdomain) : undefined;
    if (!tenant) await application.ping();
    const database = await readPublicHealth(operations.pool, tenant?.dataSourceId ?? null).catch(
      (err: unknown) => {
        logger.warn({ err }, 'health not read');
        return UNKNOWN;
      },
    );
    return { company: tenant?.name ?? null, service: 'working', database };
  } catch (err) {
    logger.warn({ err }, 'status not read');
    return { company: null, service: 'interrupted', database: UNKNOWN };
  }
}
