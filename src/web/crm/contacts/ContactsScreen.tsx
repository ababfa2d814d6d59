import { RecordList } from '../../ui/RecordList';
import { contacts } from '../entities/clients';

export function ContactsScreen() {
  return <RecordList entity={contacts} title="" />;
}
