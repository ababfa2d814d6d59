import { ActionIcon, Button, Group, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, TreePalm, UserPlus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { shiftDays, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { ButtonTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { colorOf } from '../../ui/theme';
import { PersonName } from '../records/fields/FieldValue';
import { AssignCrew, type OpenShift } from './AssignCrew';
import classes from './Rota.module.css';

const DAYS = 7;

export interface Shift {
  id: string;
  user_id: string;
  status: string;
  arrival_time: string | null;
  role: { name: string } | null;
  event: { id: string; title: string } | null;
  date: { event_date: string; setup_time: string | null; start_time: string; end_time: string } | null;
}

export const SHIFT =
  'id,user_id,status,arrival_time,role:staff_roles!event_staff_assignments_staff_role_id_fkey(name),event:events!event_staff_assignments_event_id_fkey(id,title),date:event_dates!event_staff_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time,end_time)';

/** A week of shifts, time off and open places. */
export function Rota() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { people } = usePeople();
  const [first, setFirst] = useState(format.today);
  const [assigning, setAssigning] = useState<OpenShift>();
  const last = shiftDays(first, DAYS - 1);
  const { data, error, isPending, refetch } = useRecords<'event_staff_assignments', Shift>(
    'event_staff_assignments',
    {
      select: SHIFT,
      filters: [
        ['date.event_date', 'gte', first],
        ['date.event_date', 'lte', last],
        ['status', 'neq', 'cancelled'],
      ],
    },
    { live: true },
  );
  const week = { from_day: first, to_day: last };
  const { data: away } = useAnswer('time_off', week);
  const { data: open } = useAnswer<'open_shifts', OpenShift[]>('open_shifts', week);
  const busy = new Set(data?.map(({ user_id }) => user_id));
  const shown = people.filter(
    ({ id, role, status }) => status === 'active' && (role === 'staff' || busy.has(id)),
  );
  const days = Array.from({ length: DAYS }, (_, index) => shiftDays(first, index));
  return (
    <Panel
      title={format.days(first, last)}
      flush
      aside={
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="default"
            aria-label={t('availability.earlier')}
            onClick={() => setFirst(shiftDays(first, -DAYS))}
          >
            <ChevronLeft size={16} />
          </ActionIcon>
          <Button variant="default" size="compact-sm" onClick={() => setFirst(format.today)}>
            {t('todayShort')}
          </Button>
          <ActionIcon
            variant="default"
            aria-label={t('availability.later')}
            onClick={() => setFirst(shiftDays(first, DAYS))}
          >
            <ChevronRight size={16} />
          </ActionIcon>
        </Group>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : shown.length === 0 ? (
        <EmptyState
          icon={UsersRound}
          title={t('crew.noCrew')}
          text={t('crew.noCrewText')}
          action={
            may('settings') && (
              <ButtonTo to="/settings" search={{ tab: 'people' }}>
                {t('settings.people.add')}
              </ButtonTo>
            )
          }
          small
        />
      ) : (
        <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className={classes.rota} withColumnBorders>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col" className={classes.first}>
                  {t('field.user_id')}
                </Table.Th>
                {days.map((day) => (
                  <Table.Th key={day} scope="col" data-today={day === format.today || undefined}>
                    {format.day(day)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {open && open.length > 0 && (
                <Table.Tr className={classes.open}>
                  <Table.Th scope="row" className={classes.name}>
                    {t('assign.open')}
                  </Table.Th>
                  {days.map((day) => (
                    <Table.Td key={day} className={classes.cell}>
                      {open
                        .filter(({ event_date }) => event_date === day)
                        .map((shift) => (
                          <OpenPlace
                            key={shift.event_date_id}
                            shift={shift}
                            onAssign={may('operations') ? () => setAssigning(shift) : undefined}
                          />
                        ))}
                    </Table.Td>
                  ))}
                </Table.Tr>
              )}
              {shown.map((person) => (
                <Table.Tr key={person.id}>
                  <Table.Th scope="row" className={classes.name}>
                    <PersonName name={person.displayName} />
                  </Table.Th>
                  {days.map((day) => {
                    const off = away?.find(
                      ({ user_id, first_day, last_day }) =>
                        user_id === person.id && first_day <= day && last_day >= day,
                    );
                    return (
                      <Table.Td key={day} className={classes.cell} data-away={off !== undefined || undefined}>
                        {off && (
                          <Text size="xs" c="dimmed" className={classes.away}>
                            <TreePalm size={13} aria-hidden /> {t('crew.away')}
                          </Text>
                        )}
                        {data
                          ?.filter(({ user_id, date }) => user_id === person.id && date?.event_date === day)
                          .map((shift) => (
                            <ShiftChip key={shift.id} shift={shift} />
                          ))}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {assigning && <AssignCrew shift={assigning} onClose={() => setAssigning(undefined)} />}
    </Panel>
  );
}

/** An understaffed date, with an assign button for managers. */
function OpenPlace({ shift, onAssign }: { shift: OpenShift; onAssign: (() => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = (
    <>
      <Text span size="xs" fw={600}>
        <UserPlus size={12} aria-hidden /> {format.clock(shift.setup_time ?? shift.start_time)} ·{' '}
        {t('assign.lacks', { count: shift.needed - shift.asked })}
      </Text>
      <Text span size="xs" className={classes.event}>
        {shift.title}
      </Text>
    </>
  );
  return onAssign ? (
    <button type="button" className={`${classes.shift} ${classes.place}`} onClick={onAssign}>
      {words}
    </button>
  ) : (
    <div className={`${classes.shift} ${classes.place}`}>{words}</div>
  );
}

function ShiftChip({ shift }: { shift: Shift }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!shift.event) return null;
  const color = colorOf(shift.status);
  return (
    <Link
      to={`/events/${shift.event.id}` as '/'}
      search={{ tab: 'crew' }}
      className={classes.shift}
      style={{
        background: `var(--mantine-color-${color}-light)`,
        color: `var(--mantine-color-${color}-light-color)`,
      }}
    >
      <Text span size="xs" fw={600}>
        {format.clock(shift.arrival_time ?? shift.date?.setup_time ?? shift.date?.start_time)} ·{' '}
        {t(`option.${shift.status}`)}
      </Text>
      <Text span size="xs" className={classes.event}>
        {shift.event.title}
      </Text>
    </Link>
  );
}
