import {
  Archive,
  ArrowRightLeft,
  Bell,
  Building2,
  Database,
  DatabaseZap,
  HeartPulse,
  Inbox,
  KeyRound,
  LifeBuoy,
  ListChecks,
  type LucideIcon,
  ReceiptText,
  ScrollText,
  Settings,
  TriangleAlert,
  Users,
  Waypoints,
} from 'lucide-react';
import type { OperatorPermission } from '@/lib/identity';

interface Destination {
  /** A key of `console.nav`. */
  key: string;
  /** Below `/operator`. */
  to: string;
  icon: LucideIcon;
  /** What the operator's role must allow for the entry to be shown. */
  needs: OperatorPermission;
}

interface Group {
  /** A key of `console.groups`. */
  key: string;
  items: readonly Destination[];
}

/** Main navigation: first what to look at, then what to change. */
export const navigation: readonly Group[] = [
  {
    key: 'fleet',
    items: [
      { key: 'attention', to: '/attention', icon: TriangleAlert, needs: 'service.read' },
      { key: 'requests', to: '/requests', icon: Inbox, needs: 'tenants.read' },
      { key: 'map', to: '/map', icon: Waypoints, needs: 'data_sources.read' },
      { key: 'tenants', to: '/tenants', icon: Building2, needs: 'tenants.read' },
      { key: 'sources', to: '/data-sources', icon: Database, needs: 'data_sources.read' },
      { key: 'health', to: '/health', icon: HeartPulse, needs: 'data_sources.read' },
      { key: 'alerts', to: '/alerts', icon: Bell, needs: 'alerts.read' },
    ],
  },
  {
    key: 'changes',
    items: [
      { key: 'moves', to: '/moves', icon: ArrowRightLeft, needs: 'moves.read' },
      { key: 'schema', to: '/schema-rollouts', icon: DatabaseZap, needs: 'service.read' },
      { key: 'backups', to: '/backups', icon: Archive, needs: 'backups.read' },
      { key: 'jobs', to: '/jobs', icon: ListChecks, needs: 'service.read' },
    ],
  },
  {
    key: 'security',
    items: [
      { key: 'support', to: '/support', icon: LifeBuoy, needs: 'support_access.read' },
      { key: 'audit', to: '/audit', icon: ScrollText, needs: 'audit.read' },
      { key: 'keys', to: '/keys', icon: KeyRound, needs: 'secrets.read' },
      { key: 'operators', to: '/operators', icon: Users, needs: 'operators.read' },
    ],
  },
  {
    key: 'service',
    items: [
      { key: 'cost', to: '/cost', icon: ReceiptText, needs: 'usage.read' },
      { key: 'settings', to: '/settings', icon: Settings, needs: 'service.read' },
    ],
  },
];
