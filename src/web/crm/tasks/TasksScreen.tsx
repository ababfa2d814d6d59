import { tasks } from '../entities/work';
import { RecordList } from '../records/RecordList';

export function TasksScreen() {
  return <RecordList entity={tasks} title="" />;
}
