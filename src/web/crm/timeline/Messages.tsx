import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { MessageSquare, Pencil, Plus } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { communications } from '../entities/work';
import { RecordDrawer } from '../records/RecordDrawer';
import { Message } from './Message';

const WriteMail = lazy(() => import('../mail/WriteMail').then((part) => ({ default: part.WriteMail })));

/** The column of `communications` that names a record, and the record's kind. */
const KINDS = {
  account_id: 'account',
  contact_id: 'contact',
  event_id: 'event',
  invoice_id: 'invoice',
  lead_id: 'lead',
  opportunity_id: 'opportunity',
  quote_id: 'quote',
} as const;

/** Emails, calls and meetings of a record, newest first. Mail can be sent from here. */
export function Messages({ link, id }: { link: keyof typeof KINDS; id: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const [logging, log] = useDisclosure();
  const [writing, write] = useDisclosure();
  const filters = useMemo((): Filter[] => [[link, 'eq', id]], [link, id]);
  const presets = useMemo(() => ({ [link]: id }), [link, id]);
  const { data, error, isPending, refetch } = useRecords(
    'communications',
    { filters, order: [['occurred_at', 'desc']], limit: 200 },
    { live: true },
  );
  return (
    <Panel
      title={t('entity.communications.many')}
      flush
      aside={
        may('sales') && (
          <Group gap="xs" justify="flex-end">
            <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} onClick={log.open}>
              {t('messages.log')}
            </Button>
            <Button size="compact-sm" leftSection={<Pencil size={14} />} onClick={write.open}>
              {t('messages.write')}
            </Button>
          </Group>
        )
      }
    >
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={3} />
      ) : data?.length === 0 ? (
        <EmptyState icon={MessageSquare} title={t('entity.communications.empty')} small />
      ) : (
        data?.map((message) => <Message key={message.id} message={message} />)
      )}
      <RecordDrawer entity={communications} presets={presets} opened={logging} onClose={log.close} />
      {writing && (
        <Suspense fallback={null}>
          <WriteMail about={{ kind: KINDS[link], id }} onClose={write.close} />
        </Suspense>
      )}
    </Panel>
  );
}
