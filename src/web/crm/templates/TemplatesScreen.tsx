import { RecordList } from '../../ui/RecordList';
import { templates } from '../entities/work';

export function TemplatesScreen() {
  return <RecordList entity={templates} title="" />;
}
