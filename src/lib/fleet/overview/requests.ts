import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import type { Findings, Item } from './part';
import { inState, saying, that } from './words';

/** What companies ask the operator for. */
export async function readRequests(
  { tenants }: Pick<ApplicationDatabase, 'tenants'>,
  { customerRequests }: Pick<OperationsDatabase, 'customerRequests'>,
): Promise<Findings> {
  const open = await customerRequests.list({ open: true });
  const names = await tenants.names(open.map(({ tenantId }) => tenantId));
  const items = open.map(({ id, tenantId, kind, note, requestedAt }): Item => {
    const subdomain = names.get(tenantId)?.subdomain ?? tenantId;
    const short = id.slice(0, 8);
    const isExport = kind === 'export';
    return {
      level: 'warning',
      subject: `${short} ${subdomain}`,
      ...saying(inState(isExport ? 'wants_export' : 'wants_database'), that('text', { text: note })),
      next: isExport ? `marquee backup export ${subdomain}` : `marquee request approve ${short}`,
      values: { id, tenantId, kind, note, requestedAt },
    };
  });
  return { summary: `${open.length} open`, items };
}
