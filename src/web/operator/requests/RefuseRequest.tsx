import { Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RefuseRequest as Body, OperatorRequest } from '@/server/operator/tenants/requests';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { Command } from '../parts/Command';
import { useOperatorChange } from '../queries';

/** Declines what a tenant's owner asked for, with a reason. */
export function RefuseRequest({ request, onClose }: { request: OperatorRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const change = useOperatorChange<unknown, Body>(['requests', 'attention'], { showsFailure: true });
  return (
    <Modal opened onClose={onClose} title={t('requests.refuseTitle', { name: request.tenantName })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            { path: `/requests/${request.id}/refusal`, body: { reason } },
            { onSuccess: onClose },
          );
        }}
      >
        <Stack>
          <Textarea
            required
            data-autofocus
            autosize
            minRows={2}
            minLength={3}
            maxLength={1_000}
            label={t('requests.reason')}
            description={t('requests.reasonHint')}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <FormError error={change.error} />
          <Command text={`marquee request decline ${request.id.slice(0, 8)} --answer REASON`} />
          <DialogActions
            label={t('requests.refuse')}
            onCancel={onClose}
            isPending={change.isPending}
            isDangerous
          />
        </Stack>
      </form>
    </Modal>
  );
}
