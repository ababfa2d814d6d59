import {
  Briefcase,
  Building2,
  CalendarDays,
  CalendarRange,
  ChartNoAxesCombined,
  CircleCheckBig,
  FileInput,
  FileText,
  Funnel,
  type LucideIcon,
  Package,
  Receipt,
  Settings,
  SquareKanban,
  Sun,
  Trash2,
  Users,
  UsersRound,
} from 'lucide-react';
import type { Role } from '../../hooks/session/session';

interface Destination {
  /** A key of `nav.*`. */
  key: string;
  to: string;
  icon: LucideIcon;
  /** Second key of the shortcut: g, then this. */
  letter?: string;
  /** Roles that do not see the entry. */
  hiddenFrom?: readonly Role[];
}

interface Group {
  key: string;
  items: readonly Destination[];
}

const NO_SALES: readonly Role[] = ['staff'];
const NO_OFFICE: readonly Role[] = ['staff', 'viewer', 'sales'];

/** Main navigation, in the order of a working day. */
export const navigation: readonly Group[] = [
  {
    key: 'day',
    items: [
      { key: 'today', to: '/', icon: Sun, letter: 't' },
      { key: 'tasks', to: '/tasks', icon: CircleCheckBig, letter: 'k' },
    ],
  },
  {
    key: 'operations',
    items: [
      { key: 'events', to: '/events', icon: CalendarDays, letter: 'e' },
      { key: 'availability', to: '/availability', icon: CalendarRange, letter: 'v' },
      { key: 'crew', to: '/crew', icon: UsersRound, letter: 'w' },
      { key: 'inventory', to: '/inventory', icon: Package, letter: 'i' },
    ],
  },
  {
    key: 'sales',
    items: [
      { key: 'leads', to: '/leads', icon: Funnel, letter: 'l', hiddenFrom: NO_SALES },
      { key: 'pipeline', to: '/pipeline', icon: SquareKanban, letter: 'p', hiddenFrom: NO_SALES },
      { key: 'accounts', to: '/accounts', icon: Building2, letter: 'a', hiddenFrom: NO_SALES },
      { key: 'contacts', to: '/contacts', icon: Users, letter: 'c', hiddenFrom: NO_SALES },
    ],
  },
  {
    key: 'money',
    items: [
      { key: 'quotes', to: '/quotes', icon: FileText, letter: 'q', hiddenFrom: NO_SALES },
      { key: 'invoices', to: '/invoices', icon: Receipt, letter: 'n', hiddenFrom: NO_SALES },
      {
        key: 'reports',
        to: '/reports',
        icon: ChartNoAxesCombined,
        letter: 'r',
        hiddenFrom: ['staff', 'sales'],
      },
    ],
  },
  {
    key: 'setup',
    items: [
      { key: 'templates', to: '/templates', icon: Briefcase, hiddenFrom: NO_SALES },
      { key: 'import', to: '/import', icon: FileInput, hiddenFrom: NO_OFFICE },
      { key: 'trash', to: '/trash', icon: Trash2, hiddenFrom: NO_OFFICE },
      { key: 'settings', to: '/settings', icon: Settings, letter: 's', hiddenFrom: NO_OFFICE },
    ],
  },
];
