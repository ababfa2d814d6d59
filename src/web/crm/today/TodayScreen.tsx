import { Button, SimpleGrid } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarSearch } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { clockIn } from '../../hooks/dates/zones';
import { formatIn, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { PageColumns } from '../../ui/PageColumns';
import { PageHeader } from '../../ui/PageHeader';
import { StatCard } from '../../ui/StatCard';
import { OutOfService } from '../availability/OutOfService';
import { Overbookings } from '../availability/Overbookings';
import { ExpiringHolds } from '../holds/ExpiringHolds';
import { Setup } from '../setup/Setup';
import { AtRisk } from './AtRisk';
import { CrewToConfirm } from './CrewToConfirm';
import { MoneyDue } from './MoneyDue';
import { MyTasks } from './MyTasks';
import { News } from './News';
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
  const [checkOpen, { open, close }] = useDisclosure();
  const hour = Number(clockIn(format.timezone).slice(11, 13));
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
      {may('settings') && <Setup />}
      {may('prices') && <Numbers />}
      <News />
      {user.role !== 'staff' && <Overbookings />}
      {user.role !== 'staff' && <OutOfService />}
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
            {user.role !== 'staff' && <ExpiringHolds />}
            {may('prices') && <MoneyDue />}
            {user.role !== 'staff' && <CrewToConfirm />}
          </>
        }
      />
      {checkOpen && (
        <Suspense fallback={null}>
          <CanWeTakeIt opened onClose={close} />
        </Suspense>
      )}
    </>
  );
}

type Amount = 'balance' | 'overdue' | 'pipeline' | 'weighted';

/**
 * The answer of `today_numbers`. Amounts in minor units, the company's currency first; without them in an answer that this
 * device has held since before there were any.
 */
interface Figures {
  events: number;
  leads: number;
  amounts?: ({ currency: string } & Record<Amount, number>)[];
}

function Numbers() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useAnswer<'today_numbers', Figures>('today_numbers', undefined as never);
  const sum = (name: Amount) =>
    data?.amounts
      ?.filter((amounts, index) => index === 0 || amounts[name] !== 0)
      .map((amounts) => formatIn(format, amounts.currency).moneyRound(amounts[name]))
      .join(' + ');
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} mb="lg" spacing={{ base: 'sm', sm: 'md' }}>
      <StatCard label={t('today.events')} value={data?.events} note={t('today.next30')} to="/events" />
      <StatCard
        label={t('today.open')}
        value={sum('balance')}
        note={data?.amounts && t('today.overdue', { amount: sum('overdue') })}
        to="/invoices"
      />
      <StatCard
        label={t('today.pipeline')}
        value={sum('pipeline')}
        note={data?.amounts && t('today.weighted', { amount: sum('weighted') })}
        to="/pipeline"
      />
      <StatCard label={t('today.newLeads')} value={data?.leads} note={t('today.toAnswer')} to="/leads" />
    </SimpleGrid>
  );
}
