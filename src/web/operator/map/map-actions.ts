import { createContext } from 'react';
import type { OperatorTenant } from '@/server/operator/tenants/tenants';

/** What is dragged: a tenant's subdomain. */
export const TENANT = 'application/x-marquee-tenant';

/** Actions and shared state of nodes. They are kept apart from the nodes' data, so that data do not change with each render. */
export const MapActions = createContext<{
  mayMove: boolean;
  /** The tenants of sources, by name; of large fleets empty. */
  tenantsAt: ReadonlyMap<string, readonly OperatorTenant[]>;
  nameOfGroup: (group: string) => string;
  toggle: (group: string) => void;
  /** Shows further sources of a group. */
  showMore: (group: string) => void;
  /** Shows the tenants of a source, by its name. */
  open: (source: string) => void;
  /** Begins to move a tenant. @param to undefined: it is asked for */
  drop: (tenant: string, to?: string) => void;
}>({
  ...{ mayMove: false, tenantsAt: new Map(), nameOfGroup: (group) => group },
  ...{ toggle: () => {}, showMore: () => {}, open: () => {}, drop: () => {} },
});
