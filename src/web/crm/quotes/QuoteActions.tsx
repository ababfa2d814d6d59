import { Alert, Button, CopyButton, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, Eye, Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/address';
import { useRpc } from '../../hooks/changes';
import { useMay } from '../../hooks/roles';
import { ask } from '../../hooks/session';
import { explain, notifyDone } from '../../ui/notify';
import type { Quote } from './QuoteScreen';

/** Preview, send, accept, revise, invoice. */
export function QuoteActions({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [sending, sender] = useDisclosure();
  const [accepting, accepter] = useDisclosure();
  const revise = useRpc('revise_quote');
  const invoice = useRpc('invoice_from_quote');
  const open = ['sent', 'viewed'].includes(quote.status);
  return (
    <>
      <Button
        variant="default"
        leftSection={<Eye size={15} />}
        onClick={() => window.open(serverAddress(`/api/documents/quotes/${quote.id}.pdf`), '_blank')}
      >
        {t('preview')}
      </Button>
      {may('sales') && ['draft', 'sent', 'viewed'].includes(quote.status) && (
        <Button
          leftSection={<Send size={15} />}
          onClick={sender.open}
          variant={quote.status === 'draft' ? 'filled' : 'default'}
        >
          {quote.status === 'draft' ? t('quote.send') : t('quote.sendAgain')}
        </Button>
      )}
      {may('sales') && quote.status !== 'draft' && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button rightSection={<ChevronDown size={15} />}>{t('events.next')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {open && <Menu.Item onClick={accepter.open}>{t('quote.accept')}</Menu.Item>}
            <Menu.Item
              onClick={() =>
                revise.mutate(
                  { quote_id: quote.id },
                  { onSuccess: (next) => void navigate({ to: `/quotes/${next.id}` as '/' }) },
                )
              }
            >
              {t('quote.revise')}
            </Menu.Item>
            {quote.status === 'accepted' && may('money') && (
              <Menu.Item
                onClick={() =>
                  invoice.mutate(
                    { quote_id: quote.id },
                    { onSuccess: (made) => void navigate({ to: `/invoices/${made.id}` as '/' }) },
                  )
                }
              >
                {t('quote.invoice')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <SendQuote quote={quote} opened={sending} onClose={sender.close} />
      <AcceptQuote quote={quote} opened={accepting} onClose={accepter.close} />
    </>
  );
}

interface DialogProperties {
  quote: Quote;
  opened: boolean;
  onClose: () => void;
}

/** Fixes the quote and makes the link under which the client reads, accepts and pays. */
function SendQuote({ quote, opened, onClose }: DialogProperties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      ask<{ url: string; email: string | null }>(`/api/quotes/${quote.id}/send`, {
        method: 'POST',
        body: '{}',
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
    meta: { showsFailure: true },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('quote.sendTitle', { number: quote.quote_number })}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('quote.sendText')}
        </Text>
        {send.error && <Alert color="red">{explain(send.error)}</Alert>}
        {send.data ? (
          <Group wrap="nowrap" align="flex-end">
            <TextInput readOnly label={t('quote.link')} value={send.data.url} style={{ flex: 1 }} />
            <CopyButton value={send.data.url}>
              {({ copied, copy }) => (
                <Button onClick={copy}>{copied ? t('quote.copied') : t('quote.copy')}</Button>
              )}
            </CopyButton>
          </Group>
        ) : (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button onClick={() => send.mutate()} loading={send.isPending} data-autofocus>
              {t('quote.send')}
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

/** The client said yes, on the phone or on paper. */
function AcceptQuote({ quote, opened, onClose }: DialogProperties) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const accept = useRpc('accept_quote');
  const run = () =>
    accept.mutate(
      { quote_id: quote.id, accepted_by_name: name },
      {
        onSuccess: () => {
          notifyDone(t('quote.accepted'));
          onClose();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={onClose} title={t('quote.accept')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name) run();
        }}
      >
        <Stack>
          <TextInput
            label={t('quote.acceptedBy')}
            value={name}
            onChange={(e) => setName(e.target.value)}
            required
            data-autofocus
          />
          <Button type="submit" disabled={!name} loading={accept.isPending}>
            {t('quote.accept')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
