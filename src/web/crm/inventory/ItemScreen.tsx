import type { ReactNode } from 'react';
import { PageColumns } from '../../ui/PageColumns';
import { OutOfService } from '../availability/OutOfService';
import type { AnyRow, Entity } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { Files } from '../timeline/Files';
import { History } from '../timeline/History';
import { Notes } from '../timeline/Notes';
import { ItemCode, ItemNow } from './ItemNow';
import { PrintLabels } from './PrintLabels';

interface Properties {
  entity: Entity;
  table: 'booths' | 'equipment_items';
  /** The kind of item in the addresses of labels. */
  of: 'booths' | 'equipment';
  entityType: 'booth' | 'equipment_item';
  /** An action of this kind of item, beside printing its label. */
  action: (record: AnyRow) => ReactNode;
  /** Bookings, and the kit of a booth. */
  bookings: (record: AnyRow) => ReactNode;
}

/** The page of a booth or an equipment item: its location and bookings. The QR code on its label links here. */
export function ItemScreen({ entity, table, of, entityType, action, bookings }: Properties) {
  return (
    <RecordPage
      entity={entity}
      actions={(record) => (
        <>
          {action(record)}
          <PrintLabels of={of} ids={[record.id]} />
        </>
      )}
      tabs={[
        {
          key: 'overview',
          content: (record) => (
            <PageColumns
              main={
                <>
                  <OutOfService thing={record.id} />
                  <ItemNow table={table} id={record.id} />
                  {bookings(record)}
                </>
              }
              side={
                <>
                  <RecordFacts entity={entity} record={record} without={['name', 'status']} />
                  <ItemCode of={of} id={record.id} />
                  <Notes entityType={entityType} entityId={record.id} />
                </>
              }
            />
          ),
        },
        { key: 'files', content: (record) => <Files entityType={entityType} entityId={record.id} /> },
        { key: 'history', content: (record) => <History kind={table} record={record} /> },
      ]}
    />
  );
}
