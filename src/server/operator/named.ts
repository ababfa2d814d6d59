// How requests of the operator name tenants and data sources.
import { z } from '@hono/zod-openapi';

export const TenantNamed = z.string().min(1).max(63).openapi({ description: 'Id or subdomain of a tenant.' });
export const ByTenant = z.object({ tenant: TenantNamed });
export const SourceNamed = z.string().min(1).max(63).openapi({ description: 'Id or name of a data source.' });
export const BySource = z.object({ source: SourceNamed });
