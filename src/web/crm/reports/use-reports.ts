import { useMemo } from 'react';
import { daysBetween, shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';

const YEAR_DAYS = 365;
const MONTHS = 12;
const SHOWN_SOURCES = 6;
/** Days overdue up to which a group goes. */
const AGES = [
  { key: 'current', upTo: 0 },
  { key: 'month', upTo: 30 },
  { key: 'twoMonths', upTo: 60 },
  { key: 'older', upTo: Number.POSITIVE_INFINITY },
] as const;

/** The figures of the reports screen, added up from the rows this user may see. */
export function useReports() {
  const { today, language } = useFormat();
  const since = `${shiftDays(today, -YEAR_DAYS + 30).slice(0, 7)}-01`;
  const invoices = useRecords('invoices', {
    select: 'id,issue_date,due_date,total,balance,status',
    filters: [
      ['issue_date', 'gte', since],
      ['status', 'in', ['sent', 'partially_paid', 'paid']],
    ],
  });
  const payments = useRecords('payments', {
    select: 'id,amount,kind,paid_at',
    filters: [
      ['paid_at', 'gte', since],
      ['status', 'eq', 'succeeded'],
    ],
  });
  const deals = useRecords('opportunities', { select: 'id,stage,amount,closed_at' });
  const leads = useRecords('leads', { select: 'id,source,status', filters: [['created_at', 'gte', since]] });
  const bookings = useRecords<'booth_assignments', { id: string; booth: { name: string } | null }>(
    'booth_assignments',
    {
      select: 'id,booth:booths!booth_assignments_booth_id_fkey(name)',
      filters: [['status', 'in', ['reserved', 'checked_out', 'returned']]],
    },
  );
  const isPending = [invoices, payments, deals, leads, bookings].some((query) => query.isPending);
  return useMemo(() => {
    const monthName = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' });
    const months = Array.from({ length: MONTHS }, (_, index) => {
      const date = new Date(`${since}T00:00:00Z`);
      date.setUTCMonth(date.getUTCMonth() + index);
      return { key: date.toISOString().slice(0, 7), label: monthName.format(date), invoiced: 0, paid: 0 };
    });
    const byKey = new Map(months.map((month) => [month.key, month]));
    for (const { issue_date, total } of invoices.data ?? []) {
      const month = byKey.get(issue_date?.slice(0, 7) ?? '');
      if (month) month.invoiced += total;
    }
    for (const { paid_at, amount, kind } of payments.data ?? []) {
      const month = byKey.get(paid_at?.slice(0, 7) ?? '');
      if (month) month.paid += kind === 'refund' ? -amount : amount;
    }
    const receivables = AGES.map(({ key }) => ({ key, amount: 0 }));
    for (const { due_date, balance, status } of invoices.data ?? []) {
      if (!due_date || !balance || status === 'paid') continue;
      const late = daysBetween(due_date, today);
      const group = receivables[AGES.findIndex(({ upTo }) => late <= upTo)];
      if (group) group.amount += balance;
    }
    const closed = (deals.data ?? []).filter(({ closed_at }) => closed_at !== null && closed_at >= since);
    const wonDeals = closed.filter(({ stage }) => stage.endsWith('won'));
    const openByStage = new Map<string, number>();
    for (const { stage, amount, closed_at } of deals.data ?? []) {
      if (closed_at === null) openByStage.set(stage, (openByStage.get(stage) ?? 0) + amount);
    }
    return {
      isPending,
      months,
      receivables,
      sources: countSources(leads.data ?? []),
      boothUse: countBooths(bookings.data ?? []),
      won: wonDeals.length,
      lost: closed.length - wonDeals.length,
      wonAmount: wonDeals.reduce((sum, { amount }) => sum + amount, 0),
      openByStage,
    };
  }, [
    invoices.data,
    payments.data,
    deals.data,
    leads.data,
    bookings.data,
    isPending,
    language,
    since,
    today,
  ]);
}

function countSources(leads: readonly { source: string | null; status: string }[]) {
  const groups = Map.groupBy(leads, ({ source }) => source ?? '—');
  return [...groups]
    .map(([name, members]) => ({
      name,
      value: members.length,
      wonShare: members.filter(({ status }) => status === 'converted').length / members.length,
    }))
    .sort((a, b) => b.value - a.value)
    .slice(0, SHOWN_SOURCES);
}

function countBooths(bookings: readonly { booth: { name: string } | null }[]) {
  const groups = Map.groupBy(bookings, ({ booth }) => booth?.name ?? '—');
  return [...groups]
    .map(([name, { length }]) => ({ name, events: length }))
    .sort((a, b) => b.events - a.events);
}
