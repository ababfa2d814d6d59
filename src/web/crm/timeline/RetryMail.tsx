import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Row } from '../../hooks/request/query';
import { notifyDone } from '../../ui/notify';
import { useSendMailAgain } from '../events/sending';

/** Sends a failed mail again, to a corrected address if the user changes it, which the client's record may keep. */
export function RetryMail({ message }: { message: Row<'communications'> }) {
  const { t } = useTranslation();
  const again = useSendMailAgain();
  const former = message.to_address ?? '';
  const [to, setTo] = useState(former);
  const [remember, setRemember] = useState(true);
  const address = to.trim();
  const isCorrected = address !== former;
  const hasRecord = Boolean(message.contact_id ?? message.lead_id ?? message.account_id);
  const send = (event: FormEvent) => {
    event.preventDefault();
    again.mutate(
      { id: message.id, ...(isCorrected ? { to: address, remember: remember && hasRecord } : {}) },
      { onSuccess: () => notifyDone(t('messages.queued')) },
    );
  };
  return (
    <form onSubmit={send}>
      <Group gap="xs" mt={6} align="center">
        <TextInput
          type="email"
          required
          withAsterisk={false}
          size="sm"
          w={{ base: '100%', xs: 280 }}
          aria-label={t('messages.address')}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Button type="submit" size="compact-sm" variant="default" loading={again.isPending}>
          {t('messages.again')}
        </Button>
        {isCorrected && hasRecord && (
          <Checkbox
            size="sm"
            label={t('messages.remember')}
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
        )}
      </Group>
    </form>
  );
}
