import { RecordList } from '../../ui/RecordList';
import { accounts } from '../entities/clients';
import { FindDuplicates } from '../merge/FindDuplicates';

export function AccountsScreen() {
  return <RecordList entity={accounts} title="" actions={<FindDuplicates entity={accounts} />} />;
}
