import { useSearch } from '@tanstack/react-router';

/** What may stand behind `?` in any address: how a list is looked at, and where to go after signing in. */
export interface ScreenSearch {
  q?: string;
  view?: string;
  sort?: string;
  tab?: string;
  from?: string;
  new?: boolean;
  /** Values of list filters, by field. */
  f?: Record<string, string>;
  /** The day a calendar or timeline begins with, `YYYY-MM-DD`. */
  day?: string;
  /** How it went at a provider that sends people back here: its name, or what kept it. */
  connected?: string;
  refused?: string;
  failed?: string;
  /** How something is drawn: `list`, `month`, `week`, … */
  as?: string;
  /** What reports cover: see `readPeriod`. */
  period?: string;
  /** Whom something is about, by id. */
  person?: string;
}

/** What the address says behind `?`. */
export function useScreenSearch(): ScreenSearch {
  return useSearch({ strict: false });
}
