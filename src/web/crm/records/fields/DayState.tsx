import { CircleCheck, CircleDashed, CircleX, Hourglass, type LucideIcon } from 'lucide-react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { useDayState, useDealDays } from '../../../hooks/dates/day-states';
import { useFormat } from '../../../hooks/format';
import badge from '../../../ui/StatusBadge.module.css';

const LOOKS: Record<string, { color: string; icon: LucideIcon }> = {
  free: { color: 'green', icon: CircleCheck },
  held: { color: 'orange', icon: Hourglass },
  on_hold: { color: 'orange', icon: CircleDashed },
  taken: { color: 'red', icon: CircleX },
  reserved: { color: 'blue', icon: CircleCheck },
};

interface Properties {
  state: string;
  free: number;
  booths: number;
}

/** Whether a day is free: an icon and a word, with the numbers of booths as its title. Nothing where there are no booths. */
export function DayStateBadge({ state, free, booths }: Properties) {
  const { t } = useTranslation();
  const look = LOOKS[state];
  if (!look) return null;
  const Icon = look.icon;
  const colors = {
    '--tint': `var(--mantine-color-${look.color}-light)`,
    '--ink': `var(--mantine-color-${look.color}-light-color)`,
  } as CSSProperties;
  return (
    <span
      className={badge.badge}
      style={{ ...colors, gap: 4, paddingInline: 8, verticalAlign: 'middle' }}
      title={t('dayState.booths', { free, count: booths })}
    >
      <Icon size={12} aria-hidden /> {t(`dayState.${state}`)}
    </span>
  );
}

/** The state of a lead's day, from today on. */
export function LeadDay({ day }: { day: string }) {
  const { today } = useFormat();
  const { data } = useDayState(day >= today ? day : null);
  return data ? <DayStateBadge {...data} /> : null;
}

/** The first date of a deal from today on, and its state. */
export function DealDayMark({ opportunityId }: { opportunityId: string }) {
  const format = useFormat();
  const { data } = useDealDays(opportunityId);
  const next = data?.find(({ event_date }) => event_date >= format.today);
  if (!next) return null;
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
      {format.day(next.event_date)} <DayStateBadge {...next} />
    </span>
  );
}
