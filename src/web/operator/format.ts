import { useWords } from '../i18n/use-words';

const made = new Map<string, ReturnType<typeof makeFormat>>();

/** Formatters of the console: the user's language, and the time zone of the device. */
export function useConsoleFormat() {
  const { language } = useWords();
  const format = made.get(language) ?? makeFormat(language);
  made.set(language, format);
  return format;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

function makeFormat(language: string) {
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const second = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const bytes = UNITS.map(
    (unit) =>
      new Intl.NumberFormat(language, {
        ...{ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 },
      } as const),
  );
  const inBytes = (value: number) => {
    const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), UNITS.length - 1);
    return bytes[power]?.format(value / 1000 ** power) ?? '';
  };
  return {
    language,
    moment: (at: string | null | undefined) => (at ? moment.format(new Date(at)) : ''),
    /** With seconds. */
    second: (at: string | null | undefined) => (at ? second.format(new Date(at)) : ''),
    /** The time of day. @param at ms since the epoch */
    clock: (at: number) => clock.format(at),
    number: (value: number) => number.format(value),
    /** Of small numbers three decimals. */
    fine: (value: number) => fine.format(value),
    /** @param share fraction of 1 */
    percent: (share: number) => percent.format(share),
    bytes: inBytes,
    /** A value in the unit that its name ends with: `round_trip_ms`, `queueTimeoutMs`, `disk_used_share`. */
    measure: (name: string, value: number) => {
      if (/bytes$/i.test(name)) return inBytes(value);
      if (/(_m|M)s$/.test(name)) return `${number.format(value)} ms`;
      if (/(?<!_per)_s$/.test(name)) return `${number.format(value)} s`;
      return name.endsWith('_share') ? percent.format(value) : fine.format(value);
    },
    /** “3 min. ago”, “in 2 hr.” @param now ms since the epoch */
    ago: (at: string, now: number) => {
      const seconds = (new Date(at).getTime() - now) / 1000;
      const far = Math.abs(seconds);
      if (far < 60) return relative.format(Math.round(seconds), 'second');
      if (far < 3600) return relative.format(Math.round(seconds / 60), 'minute');
      if (far < 86_400) return relative.format(Math.round(seconds / 3600), 'hour');
      return relative.format(Math.round(seconds / 86_400), 'day');
    },
  };
}
