import { RecordList } from '../../ui/RecordList';
import { invoices } from '../entities/money';

export function InvoicesScreen() {
  return <RecordList entity={invoices} title="" />;
}
