// The files that the page of a quote shows: photos of its packages, proofs of its event's designs.
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';

/** The most photos and proofs that a page shows. */
const MOST_FILES = 100;

export interface PageFile {
  id: string;
  name: string;
  isPicture: boolean;
}

/** A design of the client's event, with its proofs. */
export interface PageDesign {
  id: string;
  name: string;
  /** The company's own word for it. */
  status: string | null;
  approvedAt: string | null;
  approvedBy: string | null;
  /** What the client asked for, the newest first. */
  notes: string | null;
  proofs: PageFile[];
}

/** Pictures of packages that clients may see, by package. */
export async function readPhotos(
  client: TenantClient,
  packageIds: string[],
): Promise<Map<string, PageFile[]>> {
  const files = await clientFiles(client, 'package', packageIds);
  return new Map([...files].map(([id, own]) => [id, own.filter(({ isPicture }) => isPicture)]));
}

/** The designs of an event that have a proof for the client, or an answer. */
export async function readDesigns(client: TenantClient, eventId: string): Promise<PageDesign[]> {
  const { data } = await client
    .from('event_design_items')
    .select('id,name,approved_at,approved_by_name,client_notes,design_statuses(name)')
    .eq('event_id', eventId)
    .order('created_at')
    .throwOnError();
  const proofs = await clientFiles(
    client,
    'event_design_item',
    data.map(({ id }) => id),
  );
  return data
    .map((row) => ({
      id: row.id,
      name: row.name,
      status: row.design_statuses?.name ?? null,
      approvedAt: row.approved_at,
      approvedBy: row.approved_by_name,
      notes: row.client_notes,
      proofs: proofs.get(row.id) ?? [],
    }))
    .filter((design) => design.proofs.length > 0);
}

async function clientFiles(
  client: TenantClient,
  entityType: string,
  ids: string[],
): Promise<Map<string, PageFile[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await new GenericRepository(client, 'attachments').list({
    filter: { entity_type: entityType, entity_id: ids, visibility: 'client' },
    sort: [{ column: 'created_at', direction: 'desc' }],
    limit: MOST_FILES,
  });
  const files = Map.groupBy(rows, ({ entity_id }) => entity_id);
  return new Map([...files].map(([id, own]) => [id, own.map(pageFile)]));
}

function pageFile({ id, file_name: name, mime_type: type }: RowOf<'attachments'>): PageFile {
  return { id, name, isPicture: /^image\/(jpeg|png|webp|gif)$/.test(type) };
}
