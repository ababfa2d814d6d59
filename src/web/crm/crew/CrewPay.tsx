import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Banknote } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { comparisonOf, type Period } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useAnswer } from '../../hooks/records/functions';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { type FigureColumn, FigureTable } from '../../ui/FigureTable';
import { LinkTo } from '../../ui/LinkTo';
import { PeriodSelect } from '../../ui/PeriodSelect';
import { StatCard } from '../../ui/StatCard';
import { usePeriod } from '../../ui/use-period';
import { PersonName } from '../records/fields/FieldValue';
import { FigureCard, Waiting } from '../reports/figures';
import { parametersOf, sumOf } from '../reports/report';

interface PersonsPay {
  user_id: string;
  shifts: number;
  unreported: number;
  hours: number;
  hourly_pay: number;
  flat_pay: number;
  miles: number;
  travel: number;
  total: number;
}

/** Pay by person and shift, at the rate valid on the day. Managers see everyone's, others their own. */
export function CrewPay() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { user } = useSignedIn();
  const { nameOf } = usePeople();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const [period, choose] = usePeriod('this-month');
  const now = useAnswer<'crew_pay_report', PersonsPay[]>('crew_pay_report', parametersOf(period));
  const comparison = comparisonOf(period, format.today);
  const toDate = useAnswer<'crew_pay_report', PersonsPay[]>('crew_pay_report', parametersOf(comparison.now));
  const then = useAnswer<'crew_pay_report', PersonsPay[]>('crew_pay_report', parametersOf(comparison.before));
  if (!now.data) return <Waiting error={now.error} retry={() => void now.refetch()} />;
  const seesAll = may('money');
  const rows = now.data;
  const person = seesAll ? search.person : user.id;
  const look = (id: string | undefined) => {
    const { person: _, ...rest } = search;
    void navigate({ to: '.', search: id ? { ...rest, person: id } : rest, replace: true });
  };
  const sum = (key: 'hours' | 'total' | 'shifts' | 'unreported', of: readonly PersonsPay[] = rows) =>
    sumOf(of, (row) => row[key]);
  const compared = { rows, now: toDate.data, before: then.data, versus: comparison.versus };
  const money = (key: 'hourly_pay' | 'flat_pay' | 'travel' | 'total') => ({
    key,
    label: t(`pay.${key}`),
    show: (row: PersonsPay) => format.money(row[key]),
    plain: (row: PersonsPay) => row[key] / format.scale,
    foot: format.money(sumOf(rows, (row) => row[key])),
  });
  const columns: FigureColumn<PersonsPay>[] = [
    {
      key: 'person',
      label: t('field.user_id'),
      isName: true,
      show: ({ user_id }) => (
        <Button
          variant="subtle"
          size="compact-sm"
          px={4}
          aria-pressed={person === user_id}
          onClick={() => look(person === user_id ? undefined : user_id)}
        >
          <PersonName name={nameOf(user_id)} />
        </Button>
      ),
      plain: ({ user_id }) => nameOf(user_id),
      foot: t('total'),
    },
    {
      key: 'shifts',
      label: t('pay.shifts'),
      show: ({ shifts }) => format.number(shifts),
      plain: ({ shifts }) => shifts,
      foot: format.number(sum('shifts')),
    },
    {
      key: 'hours',
      label: t('pay.hours'),
      show: ({ hours }) => format.number(hours),
      plain: ({ hours }) => hours,
      foot: format.number(sum('hours')),
    },
    money('hourly_pay'),
    money('flat_pay'),
    {
      key: 'miles',
      label: t('field.miles'),
      show: ({ miles }) => format.number(miles),
      plain: ({ miles }) => miles,
    },
    money('travel'),
    money('total'),
    {
      key: 'unreported',
      label: t('pay.unreported'),
      show: ({ unreported }) => (unreported > 0 ? format.number(unreported) : ''),
      plain: ({ unreported }) => unreported,
    },
  ];
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Text c="dimmed" size="sm">
          {format.days(period.from, period.to)} · {t('pay.how')}
        </Text>
        <PeriodSelect period={period} onChoose={choose} />
      </Group>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <FigureCard
          label={t('pay.total')}
          compared={compared}
          of={(some) => sum('total', some)}
          show={format.money}
          goodWhen="less"
        />
        <FigureCard
          label={t('pay.hours')}
          compared={compared}
          of={(some) => sum('hours', some)}
          show={format.number}
        />
        <StatCard label={t('pay.shifts')} value={format.number(sum('shifts'))} />
        <StatCard
          label={t('pay.unreported')}
          value={format.number(sum('unreported'))}
          note={t('pay.unreportedHint')}
        />
      </SimpleGrid>
      {seesAll && (
        <FigureTable
          title={t('pay.byPerson')}
          columns={columns}
          rows={rows}
          keyOf={({ user_id }) => user_id}
          file={`crew-pay-${period.from}-${period.to}`}
          empty={t('pay.nothing')}
          icon={Banknote}
        />
      )}
      <Shifts period={period} person={person} onEverybody={() => look(undefined)} />
    </Stack>
  );
}

/** The shifts behind the totals, of one person or of all. */
function Shifts({
  period,
  person,
  onEverybody,
}: {
  period: Period;
  person: string | undefined;
  onEverybody: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { nameOf } = usePeople();
  const { data, error, refetch } = useAnswer('crew_shift_pay', {
    ...parametersOf(period),
    ...(person ? { person } : {}),
  });
  if (!data) return <Waiting error={error} retry={() => void refetch()} />;
  type Row = (typeof data)[number];
  const money = (key: 'rate' | 'pay' | 'travel') => ({
    key,
    label: t(`pay.${key}`),
    show: (row: Row) => format.money(row[key]),
    plain: (row: Row) => row[key] / format.scale,
    foot: key === 'rate' ? undefined : format.money(sumOf(data, (row) => row[key])),
  });
  return (
    <FigureTable
      title={person ? t('pay.shiftsOf', { name: nameOf(person) }) : t('pay.shifts')}
      aside={
        person &&
        may('money') && (
          <Button size="compact-sm" variant="subtle" onClick={onEverybody}>
            {t('pay.everyone')}
          </Button>
        )
      }
      rows={data}
      keyOf={({ assignment_id }) => assignment_id}
      file={`crew-shifts-${period.from}-${period.to}`}
      empty={t('pay.nothing')}
      icon={Banknote}
      columns={[
        {
          key: 'event',
          label: t('entity.events.one'),
          isName: true,
          show: ({ event_id, title }) => (
            <LinkTo to={`/events/${event_id}`} search={{ tab: 'crew' }} inherit>
              {title}
            </LinkTo>
          ),
          plain: ({ title }) => title,
          foot: t('total'),
        },
        {
          key: 'date',
          label: t('field.event_date'),
          isName: true,
          show: ({ event_date }) => format.day(event_date),
          plain: ({ event_date }) => event_date,
        },
        {
          key: 'person',
          label: t('field.user_id'),
          isName: true,
          onlyInFile: person !== undefined,
          show: ({ user_id }) => nameOf(user_id),
          plain: ({ user_id }) => nameOf(user_id),
        },
        {
          key: 'role',
          label: t('field.staff_role_id'),
          isName: true,
          show: ({ role_name }) => role_name,
          plain: ({ role_name }) => role_name,
        },
        {
          key: 'hours',
          label: t('pay.hours'),
          show: ({ hours, hours_reported, pay_type }) =>
            hours_reported || pay_type === 'flat'
              ? format.number(hours)
              : t('pay.planned', { hours: format.number(hours) }),
          plain: ({ hours }) => hours,
          foot: format.number(sumOf(data, ({ hours }) => hours)),
        },
        {
          key: 'type',
          label: t('field.pay_type'),
          isName: true,
          show: ({ pay_type }) => t(`option.${pay_type}`),
          plain: ({ pay_type }) => t(`option.${pay_type}`),
        },
        money('rate'),
        money('pay'),
        money('travel'),
      ]}
    />
  );
}
