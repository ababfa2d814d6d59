import { SimpleGrid, Text, Title } from '@mantine/core';
import {
  Banknote,
  CalendarClock,
  Contact,
  Footprints,
  type LucideIcon,
  MapPin,
  Package,
  UsersRound,
  Warehouse,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../hooks/records/functions';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { LinkTo } from '../../ui/LinkTo';
import { Panel } from '../../ui/Panel';
import type { RecordOf } from '../records/entity';
import classes from './EventGlance.module.css';
import { BoothsOf, ContactsOf, CrewOf, DueOf, OrderOf, VenuesOf, WhenOf } from './GlanceParts';
import { useGlance } from './use-glance';

/** What an owner or the crew asks of an event first: when, where, who, what, which booth, who works, what is due, what next. */
export function EventGlance({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const { user } = useSignedIn();
  const glance = useGlance(event);
  return (
    <Panel title={t('glance.title')}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xl" verticalSpacing="lg">
        {user.role !== 'staff' && <NextStep event={event} />}
        <Cell icon={CalendarClock} title={t('glance.when')} tab="dates">
          <WhenOf glance={glance} />
        </Cell>
        <Cell icon={MapPin} title={t('glance.where')} tab="dates">
          <VenuesOf event={event} glance={glance} />
        </Cell>
        <Cell icon={Contact} title={t('glance.who')}>
          <ContactsOf event={event} glance={glance} />
        </Cell>
        <Cell icon={Package} title={t('glance.ordered')}>
          <OrderOf glance={glance} />
        </Cell>
        <Cell icon={Warehouse} title={t('glance.booth')} tab="booths">
          <BoothsOf glance={glance} />
        </Cell>
        <Cell icon={UsersRound} title={t('glance.crew')} tab="crew">
          <CrewOf glance={glance} />
        </Cell>
        {may('prices') && (
          <Cell icon={Banknote} title={t('glance.due')} tab="money">
            <DueOf glance={glance} />
          </Cell>
        )}
      </SimpleGrid>
    </Panel>
  );
}

/** The first thing that is missing, across the whole width. */
function NextStep({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const { data } = useAnswer('event_readiness', { for_event: event.id });
  const fix = data?.[0]?.next_fix;
  if (!fix || ['completed', 'cancelled'].includes(event.status)) return null;
  return (
    <div className={classes.next}>
      <Cell icon={Footprints} title={t('glance.next')}>
        <Text size="sm" fw={600}>
          {t(`fix.${fix}`, fix)}
        </Text>
      </Cell>
    </div>
  );
}

/** @param tab the tab of the page that has the whole, and where it is changed */
function Cell({
  icon: Icon,
  title,
  tab,
  children,
}: {
  icon: LucideIcon;
  title: string;
  tab?: string;
  children: ReactNode;
}) {
  return (
    <section className={classes.cell}>
      <Title order={3} className={classes.title}>
        <Icon size={15} aria-hidden />
        {tab ? (
          <LinkTo to="." search={{ tab }} inherit c="inherit">
            {title}
          </LinkTo>
        ) : (
          title
        )}
      </Title>
      {children}
    </section>
  );
}
