import { FileSignature, FileText, Receipt } from 'lucide-react';
import type { EntityOf } from '../records/entity';
import { toAccount, toContact, toEvent, toOpportunity, toQuote } from './references';

const QUOTE_STATUSES = ['draft', 'sent', 'viewed', 'accepted', 'declined', 'expired', 'superseded'];
const INVOICE_STATUSES = ['draft', 'sent', 'partially_paid', 'paid', 'void', 'written_off'];

export const quotes: EntityOf<'quotes'> = {
  table: 'quotes',
  path: '/quotes',
  hasPage: true,
  icon: FileText,
  title: (row) => (row.revision > 1 ? `${row.quote_number} · ${row.revision}` : row.quote_number),
  titleField: 'quote_number',
  search: ['quote_number'],
  order: [['issue_date', 'desc']],
  sorted: { by: ['issue_date', 'quote_number'] },
  mayWrite: 'sales',
  views: [
    { key: 'open', filters: () => [['status', 'in', ['draft', 'sent', 'viewed']]] },
    { key: 'accepted', filters: () => [['status', 'eq', 'accepted']] },
    { key: 'all', filters: () => [] },
  ],
  fields: [
    { name: 'quote_number', kind: 'text', readOnly: true, width: 110 },
    {
      name: 'opportunity_id',
      kind: 'reference',
      reference: toOpportunity,
      required: true,
      width: 380,
      wide: true,
      day: 'deal',
    },
    { name: 'status', kind: 'choice', choices: QUOTE_STATUSES, readOnly: true, width: 110 },
    { name: 'account_id', more: true, kind: 'reference', reference: toAccount, width: 180 },
    { name: 'contact_id', more: true, kind: 'reference', reference: toContact, list: 'hidden' },
    { name: 'total', kind: 'money', readOnly: true, width: 120 },
    { name: 'valid_until', kind: 'date', width: 120 },
    { name: 'issue_date', kind: 'date', readOnly: true, width: 120 },
    { name: 'revision', kind: 'number', readOnly: true, list: 'hidden' },
    { name: 'terms', more: true, kind: 'multiline' },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};

export const invoices: EntityOf<'invoices'> = {
  table: 'invoices',
  path: '/invoices',
  hasPage: true,
  icon: Receipt,
  title: (row) => row.invoice_number ?? '',
  titleField: 'invoice_number',
  search: ['invoice_number', 'purchase_order'],
  order: [['issue_date', 'desc']],
  sorted: {
    by: ['issue_date', 'next_due_date', 'due_date', 'invoice_number'],
    sometimes: ['next_due_date', 'due_date', 'invoice_number'],
  },
  mayWrite: 'money',
  select: 'overdue',
  views: [
    {
      key: 'unpaid',
      filters: () => [['status', 'in', ['sent', 'partially_paid']]],
      order: [['next_due_date', 'asc']],
    },
    {
      key: 'overdue',
      filters: ({ today }) => [
        ['status', 'in', ['sent', 'partially_paid']],
        ['next_due_date', 'lt', today],
      ],
      order: [['next_due_date', 'asc']],
    },
    { key: 'drafts', filters: () => [['status', 'eq', 'draft']] },
    { key: 'all', filters: () => [] },
  ],
  fields: [
    { name: 'invoice_number', kind: 'text', readOnly: true, width: 110 },
    { name: 'account_id', kind: 'reference', reference: toAccount, required: true, width: 200 },
    { name: 'event_id', kind: 'reference', reference: toEvent, width: 240 },
    { name: 'status', kind: 'choice', choices: INVOICE_STATUSES, readOnly: true, width: 120 },
    { name: 'next_due_date', kind: 'date', readOnly: true, width: 120 },
    { name: 'due_date', kind: 'date', list: 'hidden', help: 'invoice_due_date' },
    { name: 'total', kind: 'money', readOnly: true, width: 115 },
    { name: 'balance', kind: 'money', readOnly: true, width: 115 },
    { name: 'issue_date', kind: 'date', readOnly: true, list: 'hidden' },
    { name: 'contact_id', more: true, kind: 'reference', reference: toContact, list: 'hidden' },
    {
      name: 'invoice_type',
      more: true,
      kind: 'choice',
      choices: ['event', 'general'],
      required: true,
      initial: 'general',
      list: 'hidden',
    },
    { name: 'quote_id', kind: 'reference', reference: toQuote, readOnly: true, list: 'hidden' },
    { name: 'purchase_order', more: true, kind: 'text', list: 'hidden' },
    { name: 'terms', more: true, kind: 'multiline' },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};

export const contracts: EntityOf<'contracts'> = {
  table: 'contracts',
  path: '/events',
  icon: FileSignature,
  title: (row) => row.title,
  titleField: 'title',
  search: ['title', 'contract_number'],
  order: [['created_at', 'desc']],
  mayWrite: 'sales',
  fields: [
    { name: 'contract_number', kind: 'text', readOnly: true },
    { name: 'title', kind: 'text', required: true },
    {
      name: 'status',
      kind: 'choice',
      choices: ['draft', 'sent', 'viewed', 'signed', 'declined', 'expired', 'void'],
      readOnly: true,
    },
    { name: 'account_id', kind: 'reference', reference: toAccount, required: true, list: 'hidden' },
    { name: 'signer_name', kind: 'text', readOnly: true },
    { name: 'signed_at', kind: 'timestamp', readOnly: true },
    { name: 'body_html', kind: 'multiline', required: true, list: 'never' },
  ],
};
