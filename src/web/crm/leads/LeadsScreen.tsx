import { RecordList } from '../../ui/RecordList';
import { leads } from '../entities/clients';

export function LeadsScreen() {
  return <RecordList entity={leads} title="" />;
}
