import { Button, SimpleGrid } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarSearch } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { useMay } from '../../hooks/roles';
import { useSignedIn } from '../../hooks/session';
import { PageColumns } from '../../ui/PageColumns';
import { PageHeader } from '../../ui/PageHeader';
import { StatCard } from '../../ui/StatCard';
import { Overbookings } from '../availability/Overbookings';
import { AtRisk } from './AtRisk';
import { CrewToConfirm } from './CrewToConfirm';
import { MoneyDue } from './MoneyDue';
import { MyTasks } from './MyTasks';
import { NextDays } from './NextDays';

const CanWeTakeIt = lazy(() =>
  import('../availability/CanWeTakeIt').then((question) => ({ default: question.CanWeTakeIt })),
);

/** The start screen. */
export function TodayScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { user } = useSignedIn();
  const [asking, { open, close }] = useDisclosure();
  const hour = new Date().getHours();
  const greeting = hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
  return (
    <>
      <PageHeader
        title={t(`today.good.${greeting}`, { name: user.displayName.split(' ')[0] })}
        subtitle={new Intl.DateTimeFormat(format.language, {
          dateStyle: 'full',
          timeZone: format.timezone,
        }).format()}
        actions={
          may('sales') && (
            <Button leftSection={<CalendarSearch size={16} />} onClick={open}>
              {t('availability.ask')}
            </Button>
          )
        }
      />
      {may('prices') && <Numbers />}
      {user.role !== 'staff' && <Overbookings />}
      <PageColumns
        main={
          <>
            {user.role !== 'staff' && <AtRisk />}
            <NextDays />
          </>
        }
        side={
          <>
            <MyTasks />
            {may('prices') && <MoneyDue />}
            {user.role !== 'staff' && <CrewToConfirm />}
          </>
        }
      />
      {asking && (
        <Suspense fallback={null}>
          <CanWeTakeIt opened onClose={close} />
        </Suspense>
      )}
    </>
  );
}

function Numbers() {
  const { t } = useTranslation();
  const format = useFormat();
  const { today } = format;
  const coming = useRecords('events', {
    select: 'id',
    filters: [
      ['start_date', 'gte', today],
      ['start_date', 'lte', shiftDays(today, 30)],
      ['status', 'in', ['tentative', 'confirmed', 'in_progress']],
      ['deleted_at', 'is', null],
    ],
  }).data;
  const open = useRecords('invoices', {
    select: 'id,balance,due_date',
    filters: [['status', 'in', ['sent', 'partially_paid']]],
  }).data;
  const deals = useRecords('opportunities', {
    select: 'id,amount,probability',
    filters: [['closed_at', 'is', null]],
  }).data;
  const leads = useRecords('leads', { select: 'id', filters: [['status', 'eq', 'new']] }).data;
  const overdue = open?.filter((row) => row.due_date !== null && row.due_date < today);
  const sum = (rows: readonly { balance: number | null }[]) =>
    rows.reduce((total, row) => total + (row.balance ?? 0), 0);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} mb="lg" spacing={{ base: 'sm', sm: 'md' }}>
      <StatCard label={t('today.events')} value={coming?.length} note={t('today.next30')} to="/events" />
      <StatCard
        label={t('today.open')}
        value={open && format.moneyRound(sum(open))}
        note={overdue && t('today.overdue', { amount: format.moneyRound(sum(overdue)) })}
        to="/invoices"
      />
      <StatCard
        label={t('today.pipeline')}
        value={deals && format.moneyRound(deals.reduce((total, deal) => total + deal.amount, 0))}
        note={
          deals &&
          t('today.weighted', {
            amount: format.moneyRound(
              deals.reduce((total, deal) => total + (deal.amount * deal.probability) / 100, 0),
            ),
          })
        }
        to="/pipeline"
      />
      <StatCard label={t('today.newLeads')} value={leads?.length} note={t('today.toAnswer')} to="/leads" />
    </SimpleGrid>
  );
}
