import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { formatOf, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useAnswer } from '../../hooks/records/functions';
import { recordPath } from '../record-path';

/** A notice as the database keeps it. */
export interface Notice {
  id: string;
  kind: string;
  entity_type: string;
  entity_id: string;
  subject: Partial<Record<'number' | 'name' | 'person' | 'currency' | 'date' | 'text', string>> & {
    /** Minor units. */
    amount?: number;
  };
  created_at: string;
  read_at: string | null;
}

export const NOTICE_KINDS = [
  'inquiry',
  'quote_accepted',
  'quote_declined',
  'contract_signed',
  'payment_received',
  'payment_failed',
  'question_asked',
  'crew_invited',
  'shift_changed',
  'shift_cancelled',
  'mail_failed',
] as const;

/** The signed-in user's notices, newest first. */
export function useNotices() {
  return useAnswer<'notices', Notice[]>('notices', { most: 50 });
}

export function useReadNotices() {
  const client = useQueryClient();
  const read = useRpc('read_notices');
  return (ids?: string[]) =>
    read.mutate(ids ? { ids } : {}, {
      onSettled: () => void client.invalidateQueries({ queryKey: ['records', 'answer', 'notices'] }),
    });
}

/** A notice in words: what happened, and the details. */
export function useNoticeText(): (notice: Notice) => { title: string; details: string } {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ kind, subject }) => {
    const { amount, date, text, number = '', name = '', person } = subject;
    const title = t(`notices.of.${kind}`, { number, name, person: person ?? t('notices.client') });
    const details = [
      amount === undefined ? '' : formatOf(format, subject).money(amount),
      date ? format.date(date) : '',
      text,
    ];
    return { title, details: details.filter(Boolean).join(' · ') };
  };
}

/** Where the record of a notice is shown. */
export function placeOfNotice({ entity_type, entity_id }: Notice): string {
  return recordPath(entity_type, entity_id) ?? '/';
}
