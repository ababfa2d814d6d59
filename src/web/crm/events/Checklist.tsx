import { Badge, Button, Checkbox, Group, Progress, Text } from '@mantine/core';
import { ClipboardCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRpc, useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import classes from '../today/Today.module.css';

/** The checklist of an event. */
export function Checklist({ eventId, compact = false }: { eventId: string; compact?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const save = useSaveRecord('event_core_task_completion');
  const make = useRpc('make_checklist');
  const { data, isPending } = useRecords(
    'event_core_task_completion',
    { filters: [['event_id', 'eq', eventId]], order: [['display_order', 'asc']] },
    { live: true },
  );
  const done = data?.filter((step) => step.is_completed).length ?? 0;
  return (
    <Panel
      title={t('entity.event_core_task_completion.many')}
      flush
      aside={
        data && data.length > 0 ? (
          <Text size="sm" c="dimmed">
            {t('events.steps', { done, total: data.length })}
          </Text>
        ) : null
      }
    >
      {data && data.length > 0 && (
        <Progress
          value={(100 * done) / data.length}
          h={4}
          mx={18}
          mb={10}
          color={done === data.length ? 'green' : 'marquee'}
          aria-label={t('events.steps', { done, total: data.length })}
        />
      )}
      {isPending ? (
        <Lines count={4} />
      ) : data?.length === 0 ? (
        <EmptyState
          icon={ClipboardCheck}
          title={t('entity.event_core_task_completion.empty')}
          small
          action={
            may('operations') && (
              <Button
                variant="light"
                onClick={() => make.mutate({ event_id: eventId })}
                loading={make.isPending}
              >
                {t('events.makeChecklist')}
              </Button>
            )
          }
        />
      ) : (
        data?.map((step) => (
          <div key={step.id} className={classes.task}>
            <Checkbox
              checked={step.is_completed}
              disabled={!may('checkout')}
              onChange={(event) =>
                save.mutate({
                  id: step.id,
                  changes: { is_completed: event.target.checked },
                  offline: { group: `events:${eventId}`, label: step.name_snapshot, seen: step },
                })
              }
              aria-label={step.name_snapshot}
            />
            <span className={classes.text} data-wraps>
              <span
                className={classes.title}
                style={step.is_completed ? { textDecoration: 'line-through' } : undefined}
              >
                {step.name_snapshot}
              </span>
            </span>
            <Group gap={8} wrap="nowrap">
              {!compact && step.required && (
                <Badge color="gray" tt="none">
                  {t('field.required')}
                </Badge>
              )}
              {step.due_date && !step.is_completed && (
                <Text
                  size="sm"
                  style={{
                    color:
                      step.due_date < format.today
                        ? 'var(--mantine-color-red-light-color)'
                        : 'var(--mantine-color-dimmed)',
                  }}
                >
                  {format.day(step.due_date)}
                </Text>
              )}
            </Group>
          </div>
        ))
      )}
    </Panel>
  );
}
