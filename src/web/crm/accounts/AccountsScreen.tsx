import { accounts } from '../entities/clients';
import { FindDuplicates } from '../merge/FindDuplicates';
import { RecordList } from '../records/RecordList';

export function AccountsScreen() {
  return <RecordList entity={accounts} title="" actions={<FindDuplicates entity={accounts} />} />;
}
