import { templates } from '../entities/work';
import { RecordList } from '../records/RecordList';

export function TemplatesScreen() {
  return <RecordList entity={templates} title="" />;
}
