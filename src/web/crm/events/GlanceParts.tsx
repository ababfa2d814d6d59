import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { formatIn, useFormat } from '../../hooks/format';
import { ContactCard } from '../../ui/ContactCard';
import { LinkTo } from '../../ui/LinkTo';
import { StatusBadge } from '../../ui/StatusBadge';
import type { RecordOf } from '../records/entity';
import classes from './EventGlance.module.css';
import type { Glance } from './use-glance';
import { Venue } from './Venue';

interface Part {
  glance: Glance;
}

/** What is not there yet, with a link to the tab where it is added; or not loaded yet. */
function Nothing({ text, of, tab }: { text: string; of: unknown; tab?: string }) {
  if (of === undefined) return <Skeleton h={14} w="60%" />;
  if (tab) {
    return (
      <LinkTo to="." search={{ tab }} size="sm">
        {text}
      </LinkTo>
    );
  }
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}

export function WhenOf({ glance: { dates } }: Part) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!dates?.length) return <Nothing of={dates} text={t('glance.noDate')} tab="dates" />;
  return dates.map((date) => (
    <div key={date.id} className={classes.item}>
      <b>{format.dayInYear(date.event_date)}</b>
      <div>{t('glance.hours', { from: format.clock(date.start_time), to: format.clock(date.end_time) })}</div>
      {date.setup_time && (
        <Text size="sm" c="dimmed">
          {t('glance.loadIn', { at: format.clock(date.setup_time) })}
        </Text>
      )}
    </div>
  ));
}

export function VenuesOf({ event, glance: { dates } }: Part & { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const places = [
    ...new Map(dates?.flatMap(({ place }) => (place ? [[place.id, place] as const] : []))).values(),
  ];
  return (
    <Stack gap="sm">
      {places.length === 0 && <Nothing of={dates} text={t('glance.noPlace')} tab="dates" />}
      {places.map((place) => (
        <Venue key={place.id} place={place} />
      ))}
      {event.load_in_notes && (
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {event.load_in_notes}
        </Text>
      )}
    </Stack>
  );
}

export function ContactsOf({ event, glance }: Part & { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const { client, planner, account } = glance;
  const people = [
    { part: t('field.primary_contact_id'), contact: client },
    { part: t('field.planner_contact_id'), contact: planner },
  ].flatMap(({ part, contact }) => (contact ? [{ part, contact }] : []));
  const isOnsiteKnown = people.some(
    ({ contact }) => contact.phone && contact.phone === event.onsite_contact_phone,
  );
  return (
    <Stack gap="sm">
      {people.map(({ part, contact }) => (
        <ContactCard
          key={part}
          part={part}
          name={
            <LinkTo to={`/contacts/${contact.id}`} inherit>
              {[contact.first_name, contact.last_name].filter(Boolean).join(' ')}
            </LinkTo>
          }
          phone={contact.phone}
          email={contact.email}
        />
      ))}
      {people.length === 0 && account && (
        <ContactCard
          name={
            <LinkTo to={`/accounts/${account.id}`} inherit>
              {account.name}
            </LinkTo>
          }
          part={t('field.account_id')}
          phone={account.phone}
          email={account.email}
        />
      )}
      {event.onsite_contact_name && !isOnsiteKnown && (
        <ContactCard
          name={event.onsite_contact_name}
          part={t('section.onsite')}
          phone={event.onsite_contact_phone}
          email={event.onsite_contact_email}
        />
      )}
      {people.length === 0 && !account && !event.onsite_contact_name && (
        <Nothing of={null} text={t('glance.noContact')} />
      )}
    </Stack>
  );
}

export function OrderOf({ glance: { order } }: Part) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!order?.length) return <Nothing of={order} text={t('glance.noOrder')} />;
  return order.map((item) => (
    <div key={item.id} className={classes.item}>
      {Number(item.quantity) !== 1 && `${format.number(Number(item.quantity))} × `}
      <b>{item.name}</b>
      {Array.isArray(item.includes) && item.includes.length > 0 && (
        <Text size="sm" c="dimmed">
          {item.includes.join(', ')}
        </Text>
      )}
    </div>
  ));
}

export function BoothsOf({ glance: { booths } }: Part) {
  const { t } = useTranslation();
  if (!booths?.length) return <Nothing of={booths} text={t('glance.noBooth')} tab="booths" />;
  return booths.map(({ id, status, overbooked, booth }) => (
    <Group key={id} gap="xs" className={classes.item}>
      <b>{booth?.name}</b>
      {booth?.type && booth.type.name !== booth.name && <span>{booth.type.name}</span>}
      <StatusBadge value={overbooked ? 'overbooked' : status} />
    </Group>
  ));
}

export function CrewOf({ glance: { shifts } }: Part) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  if (!shifts?.length) return <Nothing of={shifts} text={t('glance.noCrew')} tab="crew" />;
  return shifts.map((shift) => (
    <Group key={shift.id} gap="xs" className={classes.item}>
      <b>{nameOf(shift.user_id)}</b>
      <span>{[shift.role?.name, format.clock(shift.arrival_time)].filter(Boolean).join(' · ')}</span>
      <StatusBadge value={shift.status} />
    </Group>
  ));
}

/** What the client owes, and when the next amount is due. Amounts are in the currency of each invoice. */
export function DueOf({ glance: { invoices } }: Part) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!invoices?.length) return <Nothing of={invoices} text={t('glance.noInvoice')} tab="money" />;
  return invoices.map((invoice) => {
    const money = formatIn(format, invoice.currency).money;
    const total = money(invoice.total);
    const balance = invoice.balance ?? 0;
    const due = invoice.next_due_date ?? invoice.due_date;
    return (
      <div key={invoice.id} className={classes.item}>
        <LinkTo to={`/invoices/${invoice.id}`} inherit fw={600}>
          {balance > 0 && invoice.status !== 'draft'
            ? t('glance.owed', { amount: money(balance), total })
            : t(invoice.status === 'draft' ? 'glance.draft' : 'glance.paid', { total })}
        </LinkTo>
        {balance > 0 && due && (
          <Text size="sm" c={due < format.today && invoice.status !== 'draft' ? 'red' : 'dimmed'}>
            {[
              // A part of the balance.
              invoice.next_due_amount > 0 &&
                invoice.next_due_amount < balance &&
                money(invoice.next_due_amount),
              t('invoicing.due', { date: format.date(due) }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        )}
      </div>
    );
  });
}
