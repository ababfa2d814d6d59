import { Checkbox, Text } from '@mantine/core';
import { CircleCheckBig } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useSignedIn } from '../../hooks/session/session';
import { LinkTo } from '../../ui/LinkTo';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import classes from './Today.module.css';

/** The user's own tasks. Completed with one click, which can be undone. */
export function MyTasks() {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useSignedIn();
  const save = useSaveRecord('tasks');
  const { data, isPending } = useRecords('tasks', {
    select: 'id,title,status,due_date,priority,version',
    filters: [
      ['assigned_to', 'eq', user.id],
      ['status', 'in', ['pending', 'in_progress']],
    ],
    order: [['due_date', 'asc']],
    limit: 7,
  });
  const finish = (seen: { id: string; title: string; status: string; version: number }) => {
    const { id, title, status: before } = seen;
    const offline = { group: `tasks:${id}`, label: title, seen };
    const undo = () => save.mutate({ id, changes: { status: before }, offline });
    save.mutate(
      { id, changes: { status: 'completed' }, offline },
      { onSuccess: () => notifyDone(t('today.tasks.done'), undo) },
    );
  };
  return (
    <Panel
      title={t('today.tasks.title')}
      flush
      aside={
        <LinkTo to="/tasks" size="sm">
          {t('all')}
        </LinkTo>
      }
    >
      {isPending ? (
        <Lines count={3} />
      ) : data?.length === 0 ? (
        <EmptyState icon={CircleCheckBig} title={t('today.tasks.none')} small />
      ) : (
        data?.map((task) => (
          <div key={task.id} className={classes.task}>
            <Checkbox
              radius="xl"
              checked={task.status === 'completed'}
              onChange={() => finish(task)}
              aria-label={t('today.tasks.finish', { title: task.title })}
            />
            <span className={classes.text}>
              <span className={classes.title}>{task.title}</span>
            </span>
            {task.due_date && (
              <Text
                size="sm"
                style={{
                  color:
                    task.due_date < format.today
                      ? 'var(--mantine-color-red-light-color)'
                      : 'var(--mantine-color-dimmed)',
                }}
              >
                {format.fromToday(task.due_date)}
              </Text>
            )}
          </div>
        ))
      )}
    </Panel>
  );
}
