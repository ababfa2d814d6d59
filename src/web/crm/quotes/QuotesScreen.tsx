import { RecordList } from '../../ui/RecordList';
import { quotes } from '../entities/money';

export function QuotesScreen() {
  return <RecordList entity={quotes} title="" />;
}
