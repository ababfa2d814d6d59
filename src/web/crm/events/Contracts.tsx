import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { FileSignature, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import type { Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { confirm } from '../../ui/confirm';
import { LinkTo } from '../../ui/LinkTo';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { plainText } from '../../ui/plain-text';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';
import { NewContract } from './NewContract';
import { ReadContract } from './ReadContract';
import { SendContract } from './SendContract';
import { addressOfSigned } from './sending';

type Contract = Row<'contracts'> & { quote: { id: string; quote_number: string } | null };

/** Contracts of an event: created from a template, sent for signature, signed. */
export function Contracts({ eventId }: { eventId: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const [making, { open, close }] = useDisclosure();
  const { data, error, isPending, refetch } = useRecords<'contracts', Contract>(
    'contracts',
    {
      select: '*,quote:quotes!contracts_quote_id_fkey(id,quote_number)',
      filters: [['event_id', 'eq', eventId]],
      order: [['created_at', 'desc']],
    },
    { live: true },
  );
  return (
    <Panel
      title={t('entity.contracts.many')}
      flush
      aside={
        may('sales') && (
          <Button size="compact-sm" variant="light" leftSection={<Plus size={14} />} onClick={open}>
            {t('contracts.new')}
          </Button>
        )
      }
    >
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={2} />
      ) : data?.length === 0 ? (
        <EmptyState
          icon={FileSignature}
          title={t('entity.contracts.empty')}
          text={t('contracts.none')}
          small
        />
      ) : (
        data?.map((contract) => <OneContract key={contract.id} contract={contract} />)
      )}
      {making && <NewContract eventId={eventId} onClose={close} />}
    </Panel>
  );
}

function OneContract({ contract }: { contract: Contract }) {
  const { t } = useTranslation();
  const may = useMay();
  const save = useSaveRecord('contracts');
  const [reading, read] = useDisclosure();
  const [sending, send] = useDisclosure();
  const { id, title, contract_number: number, status, quote, body_html: body } = contract;
  const isOut = status === 'sent' || status === 'viewed';
  const isDraft = status === 'draft';
  const isEmpty = plainText(body) === '';
  const askToVoid = () =>
    confirm({
      title: t('contracts.voidTitle', { number }),
      text: isDraft ? t('contracts.voidDraftText') : t('contracts.voidText'),
      action: t('contracts.void'),
      destructive: true,
      onConfirm: () =>
        save.mutate({ id, changes: { status: 'void' } }, { onSuccess: () => notifyDone(t('saved')) }),
    });
  return (
    <section className={today.row} style={{ flexWrap: 'wrap' }} aria-label={`${title} ${number}`}>
      <div className={today.text} style={{ flexBasis: 240 }}>
        <Group gap="xs">
          <Text fw={550}>{title}</Text>
          <StatusBadge value={status} />
        </Group>
        <Standing contract={contract} />
        {isDraft && isEmpty && (
          <Text size="sm" c="orange.8">
            {t('contracts.noText')}
          </Text>
        )}
      </div>
      <Group gap="xs">
        {quote && isOut && (
          <LinkTo to={`/quotes/${quote.id}`} size="sm">
            {t('contracts.withQuote', { number: quote.quote_number })}
          </LinkTo>
        )}
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`${t('contracts.read')}: ${number}`}
          onClick={read.open}
        >
          {t('contracts.read')}
        </Button>
        {status === 'signed' && (
          <Button
            component="a"
            href={addressOfSigned(id)}
            target="_blank"
            size="compact-sm"
            variant="light"
            aria-label={`${t('contracts.signedPdf')}: ${number}`}
          >
            {t('contracts.signedPdf')}
          </Button>
        )}
        {may('sales') && !quote && (isOut || (isDraft && !isEmpty)) && (
          <Button
            size="compact-sm"
            variant={isDraft ? 'filled' : 'default'}
            aria-label={`${isOut ? t('contracts.sendAgain') : t('contracts.send')}: ${number}`}
            onClick={send.open}
          >
            {isOut ? t('contracts.sendAgain') : t('contracts.send')}
          </Button>
        )}
        {may('sales') && (isOut || isDraft) && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={`${t('contracts.void')}: ${number}`}
            onClick={askToVoid}
          >
            {t('contracts.void')}
          </Button>
        )}
      </Group>
      {reading && <ReadContract contract={contract} onClose={read.close} />}
      {sending && <SendContract contract={contract} onClose={send.close} />}
    </section>
  );
}

/** Status of a contract, and its date. */
function Standing({ contract }: { contract: Contract }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { contract_number: number, signed_at, signer_name, viewed_at, sent_at } = contract;
  const last = signed_at
    ? t('contracts.signedBy', { name: signer_name, when: format.moment(signed_at) })
    : viewed_at
      ? t('contracts.viewedAt', { when: format.moment(viewed_at) })
      : sent_at && t('contracts.sentAt', { when: format.moment(sent_at) });
  return (
    <Text size="sm" c="dimmed">
      {[number, last].filter(Boolean).join(' · ')}
    </Text>
  );
}
