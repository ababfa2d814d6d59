import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Filter } from '../../hooks/request/query';
import { PageColumns } from '../../ui/PageColumns';
import { contactAccounts, contacts, opportunities } from '../entities/clients';
import { events } from '../entities/events';
import { toContact } from '../entities/references';
import { MergedInto, MergeWith } from '../merge/MergeWith';
import type { AnyRow } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { RelatedRecords } from '../records/RelatedRecords';
import { Files } from '../timeline/Files';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { Notes } from '../timeline/Notes';

export function ContactScreen() {
  return (
    <RecordPage
      entity={contacts}
      actions={(record) => <MergeWith entity={contacts} record={record} reference={toContact} />}
      summary={(record) => <MergedInto entity={contacts} record={record} />}
      tabs={[
        {
          key: 'overview',
          content: (record) => (
            <PageColumns
              main={
                <>
                  <RecordFacts entity={contacts} record={record} without={['status']} />
                  <ContactParts record={record} />
                </>
              }
              side={<Notes entityType="contact" entityId={record.id} />}
            />
          ),
        },
        { key: 'messages', content: (record) => <Messages link="contact_id" id={record.id} /> },
        { key: 'files', content: (record) => <Files entityType="contact" entityId={record.id} /> },
        { key: 'history', content: (record) => <History kind="contacts" record={record} /> },
      ]}
    />
  );
}

function ContactParts({ record }: { record: AnyRow }) {
  const own = useMemo((): Filter[] => [['contact_id', 'eq', record.id]], [record.id]);
  const main = useMemo((): Filter[] => [['primary_contact_id', 'eq', record.id]], [record.id]);
  const { t } = useTranslation();
  const presets = useMemo(() => ({ contact_id: record.id }), [record.id]);
  return (
    <>
      <RelatedRecords
        entity={contactAccounts}
        title={t('entity.accounts.many')}
        filters={own}
        presets={presets}
        fields={['account_id', 'role']}
      />
      <RelatedRecords
        entity={events}
        filters={main}
        canAdd={false}
        fields={['title', 'start_date', 'status']}
      />
      <RelatedRecords
        entity={opportunities}
        filters={own}
        canAdd={false}
        fields={['name', 'stage', 'amount']}
      />
    </>
  );
}
