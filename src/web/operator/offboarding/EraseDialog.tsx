import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import type { EraseTenant } from '@/server/operator/tenants/erasure';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange, useOperatorQuery } from '../queries';

/** Begins to erase a tenant. */
export function EraseDialog({
  tenant: { id, name, subdomain },
  onClose,
  onBegun,
}: {
  tenant: Pick<OperatorTenantPage, 'id' | 'name' | 'subdomain'>;
  onClose: () => void;
  onBegun: () => void;
}) {
  const { t } = useTranslation();
  const change = useOperatorChange<unknown, EraseTenant>(['tasks'], { showsFailure: true });
  const [leaveUnreachable, setLeave] = useState(false);
  const former = useOperatorQuery<{ tasks: OperatorTaskAnswer[] }>('tasks', '/tasks', {
    parameters: { kind: 'tenants.erase', subject: id, limit: 1 },
  });
  // Offered after an erasure has failed because of unreachable copies.
  const canLeave = former.data?.tasks[0]?.error?.code === 'backup_not_possible';
  return (
    <ConfirmByName
      title={t('offboarding.eraseTitle', { name })}
      name={subdomain}
      consequences={[
        t('offboarding.eraseAll', { name }),
        t('offboarding.eraseUsers'),
        t('offboarding.eraseCertificate'),
        t('offboarding.eraseAudit'),
      ]}
      action={t('offboarding.erase')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { path: `/tenants/${id}/erasure`, body: { confirm: subdomain, leaveUnreachable } },
          { onSuccess: onBegun },
        )
      }
    >
      {canLeave && (
        <Checkbox
          label={t('offboarding.leaveUnreachable')}
          checked={leaveUnreachable}
          onChange={(event) => setLeave(event.currentTarget.checked)}
        />
      )}
    </ConfirmByName>
  );
}
