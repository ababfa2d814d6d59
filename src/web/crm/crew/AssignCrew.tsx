import { Button, Group, Modal, Select, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useSettings } from '../../hooks/company/settings';
import { useFormat } from '../../hooks/format';
import { useDeleteRecord, useSaveRecord } from '../../hooks/records/changes';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { PersonName } from '../records/fields/FieldValue';
import classes from './AssignCrew.module.css';

/** An event date that lacks crew. */
export interface OpenShift {
  event_date_id: string;
  event_id: string;
  title: string;
  event_date: string;
  setup_time: string | null;
  start_time: string;
  end_time: string;
  place: string | null;
  needed: number;
  asked: number;
}

interface Candidate {
  user_id: string;
  state: 'free' | 'works' | 'time_off' | 'on_it' | 'declined';
  status: string | null;
  assignment_id: string | null;
  /** Of that assignment. */
  role_id: string | null;
  title: string | null;
  starts: string | null;
  ends: string | null;
  first_day: string | null;
  last_day: string | null;
  rate: number | null;
  near: number;
}

/** Assigns crew to an open shift: shows who is available, and why others are not. Inviting and assigning can be undone. */
export function AssignCrew({ shift, onClose }: { shift: OpenShift; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { people, crew, nameOf } = usePeople();
  const { settings } = useSettings();
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const roles = useRecords('staff_roles', {
    filters: [
      ['is_active', 'eq', true],
      ['type', 'eq', 'event_staff'],
    ],
    order: [['display_order', 'asc']],
  });
  const [chosen, choose] = useState<string>();
  const role = chosen ?? roles.data?.[0]?.id;
  const { data, error, refetch } = useAnswer<'crew_candidates', Candidate[]>(
    'crew_candidates',
    {
      event_date_id: shift.event_date_id,
      people: JSON.stringify(crew),
      ...(role ? { staff_role_id: role } : {}),
    },
    { enabled: role !== undefined },
  );
  const save = useSaveRecord('event_staff_assignments', { showsFailure: true });
  const remove = useDeleteRecord('event_staff_assignments');
  const active = new Set(people.filter(({ status }) => status === 'active').map(({ id }) => id));
  const candidates = data?.filter(({ user_id, state }) => active.has(user_id) || state === 'on_it');
  const asked = new Set(candidates?.filter(({ state }) => state === 'on_it').map(({ user_id }) => user_id))
    .size;

  const ask = (
    { user_id, assignment_id: before, status: answer, role_id }: Candidate,
    status: 'invited' | 'confirmed',
  ) => {
    const row = {
      event_id: shift.event_id,
      event_date_id: shift.event_date_id,
      user_id,
      staff_role_id: role as string,
      status,
    };
    save.mutate(
      before ? { id: before, changes: { status, staff_role_id: row.staff_role_id } } : { changes: row },
      {
        onSuccess: ({ id }) =>
          notifyDone(t(`assign.done.${status}`, { name: nameOf(user_id) }), () => {
            if (before)
              save.mutate({
                id,
                changes: { status: answer ?? 'declined', staff_role_id: role_id ?? row.staff_role_id },
              });
            else remove.mutate(id, { onSuccess: () => notifyDone(t('undone')) });
          }),
      },
    );
  };
  const why = (candidate: Candidate) => {
    switch (candidate.state) {
      case 'works':
        return t('assign.works', {
          event: candidate.title,
          from: format.moment(candidate.starts),
          to: format.moment(candidate.ends),
        });
      case 'time_off':
        return t('assign.timeOff', {
          days: format.days(candidate.first_day ?? '', candidate.last_day ?? ''),
        });
      case 'declined':
        return t('assign.declined');
      default:
        return candidate.near > 0 ? t('assign.near', { count: candidate.near }) : t('assign.free');
    }
  };
  // Offer people with a conflict only under the overlap policy `warn`; otherwise the database would refuse them.
  const mayOverbook = settings.overlap_policy === 'warn';
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={isNarrow}
      title={t('assign.title', { event: shift.title })}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {[
            format.day(shift.event_date),
            `${format.clock(shift.setup_time ?? shift.start_time)} – ${format.clock(shift.end_time)}`,
            shift.place,
          ]
            .filter(Boolean)
            .join(' · ')}
          {' · '}
          <b>{t('assign.asked', { asked, needed: shift.needed })}</b>
        </Text>
        <Select
          label={t('field.staff_role_id')}
          value={role ?? null}
          data={(roles.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(next) => choose(next ?? undefined)}
        />
        <FormError error={save.error} />
        {error || roles.error ? (
          <Failed error={error ?? roles.error} retry={() => void refetch()} />
        ) : !candidates ? (
          <Lines />
        ) : candidates.length === 0 ? (
          <EmptyState icon={UsersRound} title={t('crew.noCrew')} small />
        ) : (
          <ul className={classes.list}>
            {candidates.map((candidate) => {
              const { user_id, state, status, rate } = candidate;
              const name = nameOf(user_id);
              const isTaken = state === 'works' || state === 'time_off';
              return (
                <li key={user_id} className={classes.candidate} data-state={state}>
                  <div className={classes.who}>
                    <PersonName name={name} />
                    <Text size="xs" c={isTaken ? 'var(--marquee-bad)' : 'dimmed'} className={classes.why}>
                      {why(candidate)}
                      {rate !== null && state !== 'on_it'
                        ? ` · ${t('assign.rate', { rate: format.money(rate) })}`
                        : ''}
                    </Text>
                  </div>
                  {state === 'on_it' ? (
                    <StatusBadge value={status} />
                  ) : (
                    (!isTaken || mayOverbook) && (
                      <Group gap={6} wrap="nowrap">
                        <Button
                          size="xs"
                          disabled={save.isPending || (state === 'time_off' && !mayOverbook)}
                          onClick={() => ask(candidate, 'invited')}
                        >
                          {t(isTaken ? 'assign.inviteAnyway' : 'assign.invite')}
                          <VisuallyHidden> {name}</VisuallyHidden>
                        </Button>
                        <Button
                          size="xs"
                          variant="default"
                          disabled={save.isPending}
                          onClick={() => ask(candidate, 'confirmed')}
                        >
                          {t('assign.assign')}
                          <VisuallyHidden> {name}</VisuallyHidden>
                        </Button>
                      </Group>
                    )
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Stack>
    </Modal>
  );
}
