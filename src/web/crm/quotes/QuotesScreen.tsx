import { quotes } from '../entities/money';
import { RecordList } from '../records/RecordList';

export function QuotesScreen() {
  return <RecordList entity={quotes} title="" />;
}
