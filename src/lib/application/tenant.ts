import { z } from 'zod';
import { ApplicationError } from './errors';

export type TenantStatus = 'provisioning' | 'active' | 'suspended' | 'archived';
/** Whether operators have to ask before they see the tenant's data. */
export const SUPPORT_POLICIES = ['ask', 'allow', 'refuse'] as const;
export type SupportPolicy = (typeof SUPPORT_POLICIES)[number];
export type DataSourceEngine = 'postgresql' | 'supabase';

/** A tenant, without its credentials. */
export interface Tenant {
  id: string;
  name: string;
  subdomain: string;
  status: TenantStatus;
  /** The registry's row; null until the tenant is placed: where it is active, by its first use. */
  dataSourceId: string | null;
  dataSourceEngine: DataSourceEngine | null;
  dataSourceRegion: string | null;
  dataSourceNotes: string | null;
  tenantIdInDataSource: string;
  /** As stored; `data-sources` knows its keys. */
  connectionPoolConfig: Record<string, unknown>;
  requiredRegion: string | null;
  supportPolicy: SupportPolicy;
  /** Grows by one with every change of place. A bigint as text. */
  routeEpoch: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A tenant that was removed, as it was then. */
export interface FormerTenant {
  id: string;
  name: string;
  subdomain: string;
  /** Where its rows were; null where it had no place. */
  dataSourceId: string | null;
  tenantIdInDataSource: string;
  removedAt: Date;
}

/** What a router must know of a tenant; no credentials. */
export interface TenantPlacement {
  tenantId: string;
  status: TenantStatus;
  dataSourceId: string | null;
  engine: DataSourceEngine | null;
  epoch: string;
  tenantIdInDataSource: string;
  /** Ids that the tenant had in data sources before. */
  formerIds?: readonly string[];
  connectionPoolConfig: Record<string, unknown>;
  /** Changes with address and login of the data source; says nothing about them. */
  urlFingerprint?: string | null;
}

/** How to reach a tenant's data. */
export interface TenantCredentials {
  dataSourceId: string;
  engine: DataSourceEngine;
  /** PostgreSQL URL of the router's login, or the Supabase project's URL. */
  url: string;
  anonKey: string | null;
  serviceKey: string | null;
}

/** A readable copy of a tenant's data, with how to reach it. */
export interface TenantReplica {
  id: string;
  region: string | null;
  url: string;
}

/** Where a tenant's data live. */
export interface TenantPlace extends TenantCredentials {
  region?: string | null;
  /** The tenant's id there, where it differs from its id here. */
  tenantIdInDataSource?: string;
  /** Readable copies of it. Default: none. */
  replicas?: readonly TenantReplica[];
}

export interface NewTenant {
  name: string;
  subdomain: string;
  /** Made when left out. */
  id?: string;
  /** The id itself when left out. */
  tenantIdInDataSource?: string;
  /** Where its data live; may be said later by `setDataSource`. */
  place?: TenantPlace;
  /** Default `provisioning`; an active one without a place is placed by its first use. */
  status?: TenantStatus;
  connectionPoolConfig?: Record<string, unknown>;
  notes?: string;
  requiredRegion?: string;
}

export interface TenantChanges {
  name?: string;
  subdomain?: string;
  connectionPoolConfig?: Record<string, unknown>;
  notes?: string | null;
  requiredRegion?: string | null;
  supportPolicy?: SupportPolicy;
}

/** Labels that our own hosts use or that would mislead. */
const RESERVED = new Set(
  'admin api app assets auth billing cdn docs help login mail marquee operator rest root smtp static status support t www'.split(
    ' ',
  ),
);

const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const UUID = z.guid();

/**
 * A subdomain as stored: lower case.
 *
 * @throws ApplicationError `subdomain_invalid`, `subdomain_reserved`
 */
export function readSubdomain(subdomain: string): string {
  const label = subdomain.trim().toLowerCase();
  if (!SUBDOMAIN.test(label) || label.startsWith('xn--')) {
    throw new ApplicationError('subdomain_invalid', 'The subdomain is not a DNS label.', {
      hint: 'Use 1 to 63 letters a to z, digits and hyphens; no hyphen at either end.',
    });
  }
  if (RESERVED.has(label)) {
    throw new ApplicationError('subdomain_reserved', `The subdomain ${label} is reserved.`, {
      hint: 'Choose another one.',
    });
  }
  return label;
}

/** Whether a text can be the id of a row; others are unknown without asking the database. */
export function isId(text: string): boolean {
  return UUID.safeParse(text).success;
}

/** @param name id or subdomain; it is shown where it is one */
export function unknownTenant(name: string): ApplicationError {
  const shown = isId(name) || SUBDOMAIN.test(name) ? name : 'of that name';
  return new ApplicationError('tenant_unknown', `There is no tenant ${shown}.`, {
    hint: 'List the tenants with: marquee tenant list',
  });
}
