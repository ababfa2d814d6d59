import {
  Banknote,
  CalendarHeart,
  ClipboardList,
  Hash,
  IdCard,
  Palette,
  Shapes,
  Tags,
  Wallet,
} from 'lucide-react';
import type { EntityOf } from '../records/entity';
import { toEventCategory, toEventType, toStaffRole } from './references';

const SETTINGS = { path: '/settings', search: ['name'], mayWrite: 'operations' } as const;

export const checklistTemplates: EntityOf<'core_task_templates'> = {
  ...SETTINGS,
  table: 'core_task_templates',
  icon: ClipboardList,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true, wide: true },
    { name: 'days_before', kind: 'number' },
    { name: 'display_order', more: true, kind: 'number', required: true, initial: 10 },
    {
      name: 'auto_rule',
      kind: 'choice',
      choices: ['designs_approved', 'staff_confirmed', 'equipment_reserved', 'paid', 'contract_signed'],
    },
    { name: 'event_type_id', more: true, kind: 'reference', reference: toEventType, list: 'hidden' },
    { name: 'required', kind: 'flag', initial: true },
    { name: 'is_active', more: true, kind: 'flag', initial: true },
  ],
};

export const designTypes: EntityOf<'design_item_types'> = {
  ...SETTINGS,
  table: 'design_item_types',
  icon: Palette,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true, wide: true },
    { name: 'type', kind: 'choice', choices: ['digital', 'physical'], required: true, initial: 'digital' },
    { name: 'due_date_days', kind: 'number', required: true, initial: 14 },
    { name: 'urgent_threshold_days', more: true, kind: 'number', required: true, initial: 7 },
    { name: 'missed_deadline_days', more: true, kind: 'number', required: true, initial: 3 },
    { name: 'requires_approval', more: true, kind: 'flag', initial: true, list: 'hidden' },
    { name: 'is_auto_added', more: true, kind: 'flag', initial: false },
  ],
};

export const designStatuses: EntityOf<'design_statuses'> = {
  ...SETTINGS,
  table: 'design_statuses',
  icon: Shapes,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'slug', kind: 'text', readOnly: true, list: 'hidden' },
    { name: 'color', kind: 'color' },
    { name: 'display_order', more: true, kind: 'number', required: true, initial: 10 },
    { name: 'is_default', more: true, kind: 'flag', initial: false },
    { name: 'is_completed', kind: 'flag', initial: false },
  ],
};

export const eventCategories: EntityOf<'event_categories'> = {
  ...SETTINGS,
  table: 'event_categories',
  icon: Tags,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'slug', kind: 'text', readOnly: true, list: 'hidden' },
    { name: 'color', kind: 'color' },
    { name: 'display_order', more: true, kind: 'number', required: true, initial: 10 },
    { name: 'is_active', more: true, kind: 'flag', initial: true },
  ],
};

export const eventTypes: EntityOf<'event_types'> = {
  ...SETTINGS,
  table: 'event_types',
  icon: CalendarHeart,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'slug', kind: 'text', readOnly: true, list: 'hidden' },
    { name: 'category_id', kind: 'reference', reference: toEventCategory, required: true },
    { name: 'default_duration_minutes', more: true, kind: 'number' },
    { name: 'is_active', more: true, kind: 'flag', initial: true },
  ],
};

export const paymentStatuses: EntityOf<'payment_status_options'> = {
  ...SETTINGS,
  table: 'payment_status_options',
  icon: Wallet,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'color', kind: 'color' },
    {
      name: 'rule',
      kind: 'choice',
      choices: ['none', 'deposit', 'partial', 'paid', 'past_due'],
      required: true,
      initial: 'none',
    },
    { name: 'display_order', more: true, kind: 'number', required: true, initial: 10 },
  ],
};

export const staffRoles: EntityOf<'staff_roles'> = {
  ...SETTINGS,
  table: 'staff_roles',
  icon: IdCard,
  title: (row) => row.name,
  titleField: 'name',
  order: [['display_order', 'asc']],
  fields: [
    { name: 'name', kind: 'text', required: true },
    {
      name: 'type',
      kind: 'choice',
      choices: ['operations', 'event_staff'],
      required: true,
      initial: 'event_staff',
    },
    { name: 'default_rate', kind: 'money' },
    { name: 'is_active', more: true, kind: 'flag', initial: true },
  ],
};

export const numberSequences: EntityOf<'number_sequences'> = {
  ...SETTINGS,
  table: 'number_sequences',
  icon: Hash,
  title: (row) => row.kind,
  titleField: 'kind',
  search: ['kind'],
  order: [['kind', 'asc']],
  mayWrite: 'settings',
  fields: [
    { name: 'kind', kind: 'choice', choices: ['event', 'quote', 'invoice', 'contract'], readOnly: true },
    { name: 'prefix', kind: 'text' },
    { name: 'next_value', kind: 'number', required: true },
    { name: 'padding', kind: 'number', required: true },
    { name: 'resets_yearly', kind: 'flag' },
  ],
};

export const payRates: EntityOf<'user_pay_rate_history'> = {
  ...SETTINGS,
  table: 'user_pay_rate_history',
  leaf: true,
  path: '/crew',
  icon: Banknote,
  title: (row) => row.pay_type,
  titleField: 'user_id',
  search: [],
  order: [['created_at', 'desc']],
  mayWrite: 'settings',
  fields: [
    { name: 'user_id', kind: 'person', required: true },
    { name: 'staff_role_id', kind: 'reference', reference: toStaffRole },
    { name: 'pay_type', kind: 'choice', choices: ['hourly', 'flat'], required: true, initial: 'hourly' },
    { name: 'rate', kind: 'money', required: true },
    { name: 'effective', kind: 'text', readOnly: true },
  ],
};
