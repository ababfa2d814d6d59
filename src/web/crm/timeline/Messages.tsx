import { useMemo } from 'react';
import type { Filter } from '../../hooks/query';
import { RelatedRecords } from '../../ui/RelatedRecords';
import { communications } from '../entities/work';

type Link = 'account_id' | 'contact_id' | 'event_id' | 'lead_id' | 'opportunity_id';

/** E-mails, calls and meetings with whom or about what a record is. */
export function Messages({ link, id }: { link: Link; id: string }) {
  const filters = useMemo((): Filter[] => [[link, 'eq', id]], [link, id]);
  const presets = useMemo(() => ({ [link]: id }), [link, id]);
  return (
    <RelatedRecords
      entity={communications}
      filters={filters}
      presets={presets}
      fields={['occurred_at', 'type', 'direction', 'subject', 'body']}
    />
  );
}
