import { CircleCheckBig, FileType2, MessageSquare } from 'lucide-react';
import { type EntityOf, ME } from '../records/entity';
import { toAccount, toContact, toEvent } from './references';

export const tasks: EntityOf<'tasks'> = {
  table: 'tasks',
  leaf: true,
  path: '/tasks',
  icon: CircleCheckBig,
  title: (row) => row.title,
  titleField: 'title',
  search: ['title'],
  order: [['due_date', 'asc']],
  sorted: { by: ['due_date', 'completed_at'], sometimes: ['due_date', 'completed_at'] },
  // The database lets every user edit tasks.
  mayWrite: 'tasks',
  views: [
    { key: 'open', filters: () => [['status', 'in', ['pending', 'in_progress']]] },
    {
      key: 'mine',
      filters: ({ userId }) => [
        ['assigned_to', 'eq', userId],
        ['status', 'in', ['pending', 'in_progress']],
      ],
    },
    {
      key: 'overdue',
      filters: ({ today }) => [
        ['status', 'in', ['pending', 'in_progress']],
        ['due_date', 'lt', today],
      ],
    },
    { key: 'done', filters: () => [['status', 'eq', 'completed']], order: [['completed_at', 'desc']] },
    { key: 'all', filters: () => [] },
  ],
  fields: [
    { name: 'title', kind: 'text', required: true, width: 320, wide: true },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: ['pending', 'in_progress', 'completed', 'cancelled'],
      required: true,
      initial: 'pending',
      width: 120,
      bulk: true,
    },
    {
      name: 'priority',
      more: true,
      kind: 'choice',
      choices: ['low', 'medium', 'high', 'urgent'],
      required: true,
      initial: 'medium',
      width: 100,
      bulk: true,
    },
    { name: 'due_date', kind: 'date', width: 130, bulk: true },
    { name: 'assigned_to', kind: 'person', initial: ME, width: 170, bulk: true },
    { name: 'department', more: true, kind: 'text', list: 'hidden', bulk: true },
    { name: 'description', more: true, kind: 'multiline' },
  ],
};

export const templates: EntityOf<'templates'> = {
  table: 'templates',
  path: '/templates',
  icon: FileType2,
  title: (row) => row.name,
  titleField: 'name',
  search: ['name', 'subject'],
  order: [['type', 'asc']],
  mayWrite: 'operations',
  fields: [
    { name: 'name', kind: 'text', required: true, width: 240 },
    {
      name: 'type',
      kind: 'choice',
      choices: ['email', 'sms', 'contract', 'quote', 'invoice'],
      required: true,
      initial: 'email',
      width: 120,
    },
    { name: 'subject', kind: 'text', width: 300, wide: true },
    { name: 'content', kind: 'multiline', required: true, mergeFields: true },
    { name: 'is_default', more: true, kind: 'flag', initial: false, width: 90 },
    { name: 'is_active', more: true, kind: 'flag', initial: true, width: 90, bulk: true },
  ],
};

export const communications: EntityOf<'communications'> = {
  table: 'communications',
  leaf: true,
  path: '/accounts',
  icon: MessageSquare,
  title: (row) => row.subject ?? '',
  titleField: 'subject',
  search: ['subject', 'body'],
  order: [['occurred_at', 'desc']],
  mayWrite: 'sales',
  fields: [
    { name: 'occurred_at', kind: 'timestamp', required: true },
    {
      name: 'type',
      kind: 'choice',
      choices: ['email', 'sms', 'phone', 'meeting', 'note'],
      required: true,
      initial: 'phone',
    },
    {
      name: 'direction',
      kind: 'choice',
      choices: ['inbound', 'outbound', 'internal'],
      required: true,
      initial: 'outbound',
    },
    { name: 'subject', kind: 'text', wide: true },
    { name: 'body', kind: 'multiline', required: true },
    { name: 'account_id', kind: 'reference', reference: toAccount, list: 'hidden' },
    { name: 'contact_id', kind: 'reference', reference: toContact, list: 'hidden' },
    { name: 'event_id', kind: 'reference', reference: toEvent, list: 'hidden' },
  ],
};
