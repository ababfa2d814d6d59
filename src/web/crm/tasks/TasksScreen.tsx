import { RecordList } from '../../ui/RecordList';
import { tasks } from '../entities/work';

export function TasksScreen() {
  return <RecordList entity={tasks} title="" />;
}
