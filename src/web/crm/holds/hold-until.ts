import { useSettings } from '../../hooks/company/settings';
import { momentAt } from '../../hooks/dates/zones';
import { shiftDays, useFormat } from '../../hooks/format';

/** The day on which a new hold ends by the company's settings, and the instant at which a hold of a day ends: its last minute. */
export function useHoldUntil() {
  const { today, timezone } = useFormat();
  const { settings } = useSettings();
  const days = Math.max(1, Math.round(settings.hold.expires_after_hours / 24));
  return {
    proposed: shiftDays(today, days),
    endOf: (day: string) => momentAt(timezone, `${day}T23:59:00`).toISOString(),
  };
}
