// Costs as CSV with the columns of FOCUS 1.1 (FinOps Open Cost and Usage Specification): one line a part of a bill.

import { writeCsv } from '@/lib/csv';
import { readNames } from '@/lib/data-sources';
import { decimalAmount } from '@/lib/money';
import { periodOfMonth } from '../period';
import { isService, SERVICES } from './bills';
import { type MonthCosts, tenantsOf } from './month-costs';

export interface FocusNames {
  tenant(id: string): string;
  /** Name and region of what a bill is for. */
  target(id: string): { name: string; region: string | null };
}

const COLUMNS = [
  ...[
    'BilledCost',
    'BillingAccountId',
    'BillingAccountName',
    'BillingCurrency',
    'BillingPeriodStart',
    'BillingPeriodEnd',
  ],
  ...[
    'ChargeCategory',
    'ChargeClass',
    'ChargeDescription',
    'ChargeFrequency',
    'ChargePeriodStart',
    'ChargePeriodEnd',
  ],
  ...[
    'ContractedCost',
    'EffectiveCost',
    'InvoiceIssuerName',
    'ListCost',
    'PricingQuantity',
    'PricingUnit',
    'ProviderName',
  ],
  ...[
    'PublisherName',
    'RegionId',
    'RegionName',
    'ResourceId',
    'ResourceName',
    'ResourceType',
    'ServiceCategory',
  ],
  ...['ServiceName', 'ServiceSubcategory', 'SubAccountId', 'SubAccountName', 'Tags'],
] as const;

/** A month's costs as CSV with FOCUS columns; `BilledCost` sums to the bills exactly. */
export function focusCsv({ month, bills }: MonthCosts, names: FocusNames): string {
  const { from, to } = periodOfMonth(month);
  const [start, end] = [from, to].map((time) => time.toISOString().replace('.000', ''));
  const lines = bills.flatMap(({ target, currency, parts, estimated }) => {
    const { name, region } = names.target(target);
    const service = isService(target);
    return parts.map((part) => {
      const cost = decimalAmount(part.amount, currency);
      const tenant =
        part.kind === 'tenant' ? { id: part.tenantId, name: names.tenant(part.tenantId) } : undefined;
      const values: Record<(typeof COLUMNS)[number], string | null> = {
        BilledCost: cost,
        BillingAccountId: 'marquee',
        BillingAccountName: 'Marquee',
        BillingCurrency: currency,
        BillingPeriodStart: start ?? null,
        BillingPeriodEnd: end ?? null,
        ChargeCategory: part.amount < 0n ? 'Credit' : 'Usage',
        ChargeClass: null,
        ChargeDescription: `${tenant ? `Part of ${tenant.name}` : part.kind === 'idle' ? 'Not used' : 'Shared'}: ${service ? SERVICES[target] : `data source ${name}`}`,
        ChargeFrequency: 'Usage-Based',
        ChargePeriodStart: start ?? null,
        ChargePeriodEnd: end ?? null,
        ContractedCost: cost,
        EffectiveCost: cost,
        InvoiceIssuerName: name,
        ListCost: cost,
        PricingQuantity: part.share.toFixed(12),
        PricingUnit: 'Share',
        ProviderName: name,
        PublisherName: name,
        RegionId: region,
        RegionName: region,
        ResourceId: target,
        ResourceName: name,
        ResourceType: service ? 'Service' : 'Database',
        ServiceCategory: CATEGORIES[target] ?? 'Databases',
        ServiceName: service ? name : 'PostgreSQL',
        ServiceSubcategory: service ? null : 'Relational Databases',
        SubAccountId: tenant?.id ?? null,
        SubAccountName: tenant?.name ?? null,
        Tags: JSON.stringify({
          'marquee/part': part.kind,
          ...(estimated && { 'marquee/estimated': 'true' }),
        }),
      };
      return COLUMNS.map((column) => values[column]);
    });
  });
  return writeCsv([COLUMNS, ...lines]);
}

/** `focusCsv` with the names of tenants and data sources, and the regions of these. */
export async function monthAsFocus(
  databases: Parameters<typeof readNames>[0],
  costs: MonthCosts,
): Promise<string> {
  const [names, sources] = await Promise.all([
    readNames(databases, tenantsOf(costs.bills)),
    databases.operations.dataSources.list(),
  ]);
  const regions = new Map(sources.map(({ id, region }) => [id, region]));
  return focusCsv(costs, {
    tenant: names.tenant,
    target: (id) => ({ name: names.source(id), region: regions.get(id) ?? null }),
  });
}

const CATEGORIES: Record<string, string> = {
  files: 'Storage',
  backups: 'Storage',
  mail: 'Integration',
  egress: 'Networking',
  platform: 'Compute',
};
