import { useNavigate } from '@tanstack/react-router';
import { type NamedPeriod, type Period, readPeriod } from '../hooks/dates/period';
import { useFormat } from '../hooks/format';
import { useScreenSearch } from '../hooks/page/screen-search';

/** The period in the URL, and a setter. */
export function usePeriod(otherwise: NamedPeriod): [Period, choose: (key: string) => void] {
  const { today } = useFormat();
  const search = useScreenSearch();
  const navigate = useNavigate();
  const choose = (key: string) =>
    void navigate({ to: '.', search: { ...search, period: key }, replace: true });
  return [readPeriod(search.period, today, otherwise), choose];
}
