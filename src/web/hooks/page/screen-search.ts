import { useSearch } from '@tanstack/react-router';

/** Query parameters of every screen: list state, and the target after sign-in. */
export interface ScreenSearch {
  q?: string;
  view?: string;
  sort?: string;
  tab?: string;
  from?: string;
  new?: boolean;
  /** List filters by field. */
  f?: Record<string, string>;
  /** First day of a calendar or timeline, `YYYY-MM-DD`. */
  day?: string;
  /** Result of an OAuth redirect: the provider's name, or an error code. */
  connected?: string;
  refused?: string;
  failed?: string;
  /** Display mode: `list`, `month`, `week`, … */
  as?: string;
  /** Reporting period: see `readPeriod`. */
  period?: string;
  /** Id of the person whose data is shown. */
  person?: string;
}

export function useScreenSearch(): ScreenSearch {
  return useSearch({ strict: false });
}
