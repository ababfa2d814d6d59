import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SentQuote } from '@/server/api/sales/quotes';
import { useFormat } from '../../hooks/format';
import { useIdempotencyKey } from '../../hooks/page/idempotency-key';
import { useRpc, useSaveRecord } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { ask } from '../../hooks/session/session';
import { CopyTextButton } from '../../ui/CopyTextButton';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { useIsEmpty } from '../lines/use-lines';
import type { RecordOf } from '../records/entity';
import { useWhenSaved } from '../records/use-when-saved';
import { MissingDetails } from '../settings/MissingDetails';
import { MailQuote, useMailedQuote } from './MailQuote';

/** Actions on a quote, by its status. */
export function QuoteActions({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const revise = useRpc('revise_quote');
  const invoice = useRpc('invoice_from_quote');
  if (!may('sales')) return null;
  const isOut = quote.status === 'sent' || quote.status === 'viewed';
  const reviseNow = () =>
    revise.mutate(
      { quote_id: quote.id },
      {
        onSuccess: ({ id }) => {
          notifyDone(t('quoting.revised'));
          void navigate({ to: `/quotes/${id}` as '/' });
        },
      },
    );
  const invoiceNow = () =>
    invoice.mutate(
      { quote_id: quote.id },
      { onSuccess: ({ id }) => void navigate({ to: `/invoices/${id}` as '/' }) },
    );
  return (
    <>
      {(quote.status === 'draft' || isOut) && <SendQuote quote={quote} />}
      {isOut && <AcceptQuote quote={quote} />}
      {quote.status !== 'draft' && quote.status !== 'accepted' && (
        <Button variant="default" loading={revise.isPending} onClick={reviseNow}>
          {t('quoting.revise')}
        </Button>
      )}
      {quote.status === 'accepted' && (
        <Button loading={invoice.isPending} onClick={invoiceNow}>
          {t('quoting.invoice')}
        </Button>
      )}
    </>
  );
}

function SendQuote({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const { headers, renew } = useIdempotencyKey();
  const mailed = useMailedQuote(quote.id, opened);
  const whenSaved = useWhenSaved(`quotes:${quote.id}`);
  const isEmpty = useIsEmpty({ table: 'quotes', id: quote.id });
  const { today } = useFormat();
  const [typed, setTyped] = useState<string | null>();
  const until = typed === undefined ? quote.valid_until : typed;
  const save = useSaveRecord('quotes', { showsFailure: true });
  const isPast = quote.valid_until !== null && quote.valid_until < today;
  const isRefused = isPast && until !== null && until < today;
  const send = useMutation({
    mutationFn: async () => {
      if (isPast) await save.mutateAsync({ id: quote.id, changes: { valid_until: until } });
      return ask<SentQuote>(`/api/quotes/${quote.id}/send`, {
        method: 'POST',
        headers,
        body: JSON.stringify(mailed.request),
      });
    },
    meta: { showsFailure: true },
    onSuccess: renew,
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
  const leave = () => {
    close();
    send.reset();
  };
  return (
    <>
      <Button
        variant={quote.status === 'draft' ? 'filled' : 'default'}
        leftSection={<Send size={16} />}
        disabled={isEmpty}
        {...(isEmpty ? { title: t('lines.needed') } : {})}
        onClick={() => void whenSaved(open)}
      >
        {t('quoting.send')}
      </Button>
      <Modal opened={opened} onClose={leave} title={t('quoting.sendTitle', { number: quote.quote_number })}>
        {send.data ? (
          <ClientLink sent={send.data} to={mailed.to} />
        ) : (
          <Stack>
            <Text size="sm">{t('quoting.sendText')}</Text>
            <MissingDetails />
            {isPast && (
              <TextInput
                label={t('field.valid_until')}
                type="date"
                value={until ?? ''}
                min={today}
                error={isRefused && t('quoting.pastValidity')}
                onChange={(event) => setTyped(event.target.value || null)}
                data-autofocus
              />
            )}
            <MailQuote {...mailed} />
            <FormError error={send.error} />
            <DialogActions
              label={t('quoting.sendNow')}
              onCancel={leave}
              onConfirm={() => void whenSaved(send.mutate)}
              isPending={send.isPending}
              isDisabled={isRefused}
              {...(isPast ? {} : { focus: 'action' })}
            />
          </Stack>
        )}
      </Modal>
    </>
  );
}

function ClientLink({ sent, to }: { sent: SentQuote; to: string }) {
  const { t } = useTranslation();
  return (
    <Stack>
      {sent.mailed && <Text size="sm">{t('mailing.sentByMail', { email: to })}</Text>}
      <TextInput
        label={t('quoting.link')}
        description={t('quoting.linkText')}
        value={sent.url}
        readOnly
        onFocus={(event) => event.target.select()}
      />
      <Group justify="flex-end">
        <CopyTextButton text={sent.url} label={t('copy')} isPrimary />
      </Group>
    </Stack>
  );
}

function AcceptQuote({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const [name, setName] = useState('');
  const accept = useRpc('accept_quote');
  const run = () =>
    accept.mutate(
      { quote_id: quote.id, accepted_by_name: name },
      {
        onSuccess: () => {
          notifyDone(t('quoting.accepted'));
          close();
        },
      },
    );
  return (
    <>
      <Button onClick={open}>{t('quoting.accept')}</Button>
      <Modal opened={opened} onClose={close} title={t('quoting.acceptTitle', { number: quote.quote_number })}>
        <Stack>
          <TextInput
            label={t('quoting.acceptedBy')}
            value={name}
            onChange={(event) => setName(event.target.value)}
            data-autofocus
          />
          <DialogActions
            label={t('save')}
            onCancel={close}
            onConfirm={run}
            isPending={accept.isPending}
            isDisabled={!name.trim()}
          />
        </Stack>
      </Modal>
    </>
  );
}
