import type { TenantClient } from '@/lib/data-sources';
import { DocumentError } from './errors';
import { rowsOf } from './load-parties';
import type { LabelSheet, LabelsDocument } from './model';

/** Labels of one PDF: 125 pages of 24, made in about ten seconds of a thread. */
const MOST_LABELS = 3000;

interface WantedLabels {
  of: 'booths' | 'equipment';
  /** Which of them; all if left out. */
  ids?: string[];
  /** From 1: the first 3,000, the second, … */
  part?: number;
  sheet: LabelSheet;
  /** The address before `/inventory/…`. */
  base: string;
}

/**
 * Labels for what is not retired.
 *
 * @throws DocumentError `document_too_long`: there are more than 3,000, and no part was chosen
 */
export async function loadLabels(
  client: TenantClient,
  { of, ids, part, sheet, base }: WantedLabels,
): Promise<LabelsDocument> {
  const filter = { status: { neq: 'retired' }, ...(ids ? { id: ids } : {}) } as const;
  const page = { filter, limit: MOST_LABELS, offset: ((part ?? 1) - 1) * MOST_LABELS };
  if (of === 'booths') {
    const { rows, next } = await rowsOf(client, 'booths').list({ ...page, sort: [{ column: 'name' }] });
    expectOnePart(part, next);
    const { data } = await client.from('booth_types').select('id,name').throwOnError();
    const types = new Map(data.map(({ id, name }) => [id, name]));
    const labels = rows.map((row) => ({
      address: `${base}/inventory/booths/${row.id}`,
      title: row.name,
      subtitle: types.get(row.booth_type_id) ?? '',
    }));
    return { kind: 'labels', sheet, labels };
  }
  const { rows, next } = await rowsOf(client, 'equipment_items').list({
    ...page,
    sort: [{ column: 'asset_tag' }],
  });
  expectOnePart(part, next);
  const labels = rows.map((row) => ({
    address: `${base}/inventory/equipment/${row.id}`,
    title: row.asset_tag,
    subtitle: row.name,
  }));
  return { kind: 'labels', sheet, labels };
}

function expectOnePart(part: number | undefined, next: string | null): void {
  if (part !== undefined || next === null) return;
  throw new DocumentError('document_too_long', `A PDF has ${MOST_LABELS} labels at most.`, {
    hint: 'Print them in parts: add part=1, part=2, … to the address.',
  });
}
