import { Button, Group, Progress, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { BulkChange } from '@/server/api/records/bulk-changes';
import { useFormat } from '../../../hooks/format';
import { useBulkChanges, useEndBulkChange } from '../../../hooks/records/bulk-changes';
import { inLanguage } from '../../../ui/notify';
import type { Entity } from '../entity';
import classes from './RecordTable.module.css';

const NAMED = 3;

/** The user's changes of many records of a list: how far they are, what became of them, cancel and undo. */
export function BulkChanges({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const changes = useBulkChanges(entity.table);
  const [hidden, setHidden] = useLocalStorage<string[]>({ key: 'marquee.hidden-changes', defaultValue: [] });
  const shown = changes.filter(({ id }) => !hidden.includes(id));
  return shown.map((change) => (
    <section key={change.id} className={classes.toolbar} aria-label={t('list.job.title')}>
      <OneChange change={change} onHide={() => setHidden([change.id, ...hidden].slice(0, 50))} />
    </section>
  ));
}

function OneChange({ change, onHide }: { change: BulkChange; onHide: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const end = useEndBulkChange();
  const { id, status, column, total, tried, changed, restored, refusals, refused } = change;
  const numbers = {
    column: column ? t(`field.${column}`) : '',
    ...{ total: format.number(total), tried: format.number(tried) },
    ...{ changed: format.number(changed), restored: format.number(restored) },
  };
  const share = status === 'undoing' ? restored / Math.max(changed, 1) : tried / total;
  const isGoingOn = status === 'running' || status === 'undoing';
  const outcome =
    status === 'undoing' || status === 'undone'
      ? t(`list.job.${status}`, numbers)
      : status === 'running'
        ? t(column ? 'list.job.running' : 'list.job.deleting', numbers)
        : t(column ? 'list.job.changed' : 'list.job.deleted', numbers);
  return (
    <>
      <div style={{ flex: '1 1 260px' }}>
        <Text size="sm" aria-live="polite">
          {status === 'cancelled' && `${t('list.job.cancelled')} `}
          {outcome}
        </Text>
        {isGoingOn && <Progress value={share * 100} animated size="sm" mt={6} aria-label={outcome} />}
        {refusals > 0 && (
          <Text size="sm" c="dimmed">
            {t('list.job.stay', { count: refusals })}{' '}
            {refused
              .slice(0, NAMED)
              .map(({ name, reason }) =>
                [name, reason ? inLanguage(reason) : t('list.job.noRight')].filter(Boolean).join(': '),
              )
              .join('; ')}
            {refusals > NAMED && ' …'}
          </Text>
        )}
      </div>
      <Group gap="xs">
        {status === 'running' && (
          <Button
            variant="default"
            size="compact-sm"
            loading={end.isPending}
            onClick={() => end.mutate({ id, action: 'cancel' })}
          >
            {t('cancel')}
          </Button>
        )}
        {(status === 'done' || status === 'cancelled') && changed > 0 && (
          <Button
            variant="default"
            size="compact-sm"
            loading={end.isPending}
            onClick={() => end.mutate({ id, action: 'undo' })}
          >
            {t('undo')}
          </Button>
        )}
        {!isGoingOn && (
          <Button variant="subtle" size="compact-sm" onClick={onHide}>
            {t('list.job.hide')}
          </Button>
        )}
      </Group>
    </>
  );
}
