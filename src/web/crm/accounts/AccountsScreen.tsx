import { RecordList } from '../../ui/RecordList';
import { accounts } from '../entities/clients';

export function AccountsScreen() {
  return <RecordList entity={accounts} title="" />;
}
