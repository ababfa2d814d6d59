import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Plus, TreePalm, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { daysBetween, shiftDays, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useAnswer } from '../../hooks/records/functions';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';
import { EnterTimeOff } from './EnterTimeOff';

const BACK_DAYS = 31;
const AHEAD_DAYS = 400;

/** Time off: the user's own or, for managers, everyone's. */
export function TimeOff() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { user } = useSignedIn();
  const { nameOf } = usePeople();
  const [entering, { open, close }] = useDisclosure();
  const remove = useRpc('remove_time_off');
  const enter = useRpc('enter_time_off');
  const { data, error, isPending, refetch } = useAnswer('time_off', {
    from_day: shiftDays(format.today, -BACK_DAYS),
    to_day: shiftDays(format.today, AHEAD_DAYS),
  });
  const takeAway = ({ id, user_id, first_day, last_day, reason, note }: NonNullable<typeof data>[number]) =>
    remove.mutate(
      { time_off_id: id },
      {
        onSuccess: () =>
          notifyDone(t('timeOff.removed'), () =>
            enter.mutate({
              first_day,
              last_day,
              person: user_id,
              reason,
              ...(note ? { note } : {}),
            }),
          ),
      },
    );
  return (
    <Panel
      title={t('crew.timeOff')}
      flush
      aside={
        <Button variant="light" size="compact-sm" leftSection={<Plus size={14} />} onClick={open}>
          {t('timeOff.enter')}
        </Button>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : data?.length === 0 ? (
        <EmptyState icon={TreePalm} title={t('timeOff.none')} text={t('timeOff.noneText')} small />
      ) : (
        data?.map((off) => (
          <div key={off.id} className={today.row}>
            <span className={today.text}>
              <Text span inherit className={today.title}>
                {nameOf(off.user_id)}
              </Text>
              <span className={today.sub}>
                {format.days(off.first_day, off.last_day)} ·{' '}
                {t('timeOff.days', { count: daysBetween(off.first_day, off.last_day) + 1 })}
                {off.note ? ` · ${off.note}` : ''}
              </span>
            </span>
            <Group gap={8} wrap="nowrap">
              {off.reason && <StatusBadge value={off.reason} />}
              {(may('operations') || off.user_id === user.id) && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('timeOff.remove', {
                    name: nameOf(off.user_id),
                    date: format.date(off.first_day),
                  })}
                  onClick={() => takeAway(off)}
                >
                  <X size={16} />
                </ActionIcon>
              )}
            </Group>
          </div>
        ))
      )}
      {entering && <EnterTimeOff onClose={close} />}
    </Panel>
  );
}
