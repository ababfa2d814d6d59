import { contacts } from '../entities/clients';
import { FindDuplicates } from '../merge/FindDuplicates';
import { RecordList } from '../records/RecordList';

export function ContactsScreen() {
  return <RecordList entity={contacts} title="" actions={<FindDuplicates entity={contacts} />} />;
}
