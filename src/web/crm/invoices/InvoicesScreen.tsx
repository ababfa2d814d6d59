import { invoices } from '../entities/money';
import { RecordList } from '../records/RecordList';

export function InvoicesScreen() {
  return <RecordList entity={invoices} title="" />;
}
