import { Modal, Stack, Switch, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Row } from '../../hooks/request/query';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { ShownOnce } from '../../ui/ShownOnce';
import { useSendContract } from './sending';

/** Sends a contract for signature by mail, or creates a link to share. */
export function SendContract({ contract, onClose }: { contract: Row<'contracts'>; onClose: () => void }) {
  const { t } = useTranslation();
  const send = useSendContract(contract.id);
  const { signer_email: email, contract_number: number } = contract;
  const [mail, setMail] = useState(email !== null);
  const [message, setMessage] = useState('');
  return (
    <Modal opened onClose={onClose} title={t('contracts.sendTitle', { number })}>
      {send.data ? (
        <ShownOnce
          message={send.data.mailed ? t('contracts.mailed', { email }) : t('contracts.linkMade')}
          label={t('quoting.link')}
          description={t('quoting.linkText')}
          value={send.data.url}
          onClose={onClose}
        />
      ) : (
        <Stack>
          <Text size="sm">
            {contract.status === 'draft' ? t('contracts.sendText') : t('contracts.sendAgainText')}
          </Text>
          <Switch
            label={email ? t('contracts.mailIt', { email }) : t('contracts.noEmail')}
            disabled={!email}
            checked={mail}
            onChange={(event) => setMail(event.target.checked)}
          />
          {mail && (
            <Textarea
              label={t('contracts.message')}
              placeholder={t('contracts.messageHint')}
              autosize
              minRows={3}
              maxLength={5000}
              value={message}
              onChange={(event) => setMessage(event.target.value)}
            />
          )}
          <FormError error={send.error} />
          <DialogActions
            label={mail ? t('contracts.send') : t('contracts.makeLink')}
            onCancel={onClose}
            onConfirm={() => send.mutate({ mail, message })}
            isPending={send.isPending}
          />
        </Stack>
      )}
    </Modal>
  );
}
