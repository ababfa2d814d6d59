import { useQueries } from '@tanstack/react-query';
import { Building2, CalendarDays, Funnel, type LucideIcon, Receipt, Users } from 'lucide-react';
import { unwrap } from '../../hooks/database';
import { keys, type Reading, request, type TableName } from '../../hooks/query';

interface Place {
  key: string;
  table: TableName;
  icon: LucideIcon;
  columns: readonly string[];
  title: (row: Record<string, string | null>) => string;
  subtitle: (row: Record<string, string | null>) => string;
}

/** Where the palette looks. */
const PLACES: readonly Place[] = [
  {
    key: 'events',
    table: 'events',
    icon: CalendarDays,
    columns: ['title', 'event_number'],
    title: (row) => row.title ?? '',
    subtitle: (row) => [row.event_number, row.start_date].filter(Boolean).join(' · '),
  },
  {
    key: 'accounts',
    table: 'accounts',
    icon: Building2,
    columns: ['name', 'email', 'phone'],
    title: (row) => row.name ?? '',
    subtitle: (row) => row.email ?? '',
  },
  {
    key: 'contacts',
    table: 'contacts',
    icon: Users,
    columns: ['first_name', 'last_name', 'email', 'phone'],
    title: (row) => [row.first_name, row.last_name].filter(Boolean).join(' '),
    subtitle: (row) => row.email ?? '',
  },
  {
    key: 'leads',
    table: 'leads',
    icon: Funnel,
    columns: ['first_name', 'last_name', 'email', 'company'],
    title: (row) => [row.first_name, row.last_name].filter(Boolean).join(' '),
    subtitle: (row) => row.email ?? row.company ?? '',
  },
  {
    key: 'invoices',
    table: 'invoices',
    icon: Receipt,
    columns: ['invoice_number'],
    title: (row) => row.invoice_number ?? '',
    subtitle: (row) => row.due_date ?? '',
  },
];

/** The first few records of each kind that contain the words. */
export function useSearchResults(words: string) {
  const results = useQueries({
    queries: PLACES.map(({ table, columns }) => {
      const reading: Reading = { search: { words, columns }, limit: 5 };
      return {
        queryKey: keys.list(table, reading),
        queryFn: async ({ signal }: { signal: AbortSignal }) =>
          unwrap(await request(table, reading).abortSignal(signal)) as unknown as Record<
            string,
            string | null
          >[],
        enabled: words.length > 1,
      };
    }),
  });
  if (words.length <= 1) return [];
  return PLACES.flatMap(({ key, icon, title, subtitle }, index) => {
    const rows = (results[index]?.data ?? []).map((row) => ({
      id: row.id ?? '',
      title: title(row),
      subtitle: subtitle(row),
      to: `/${key}/${row.id}`,
    }));
    return rows.length > 0 ? [{ key, icon, rows }] : [];
  });
}
