import { RecordList } from '../../ui/RecordList';
import { contacts } from '../entities/clients';
import { FindDuplicates } from '../merge/FindDuplicates';

export function ContactsScreen() {
  return <RecordList entity={contacts} title="" actions={<FindDuplicates entity={contacts} />} />;
}
