import { useTranslation } from 'react-i18next';
import type { EraseTenant } from '@/server/operator/tenants/erasure';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

/** Begins to erase a tenant. */
export function EraseDialog({
  tenant: { name, subdomain },
  onClose,
  onBegun,
}: {
  tenant: OperatorTenantPage;
  onClose: () => void;
  onBegun: () => void;
}) {
  const { t } = useTranslation();
  const change = useOperatorChange<unknown, EraseTenant>(['tasks'], { showsFailure: true });
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
          { path: `/tenants/${subdomain}/erasure`, body: { confirm: subdomain } },
          { onSuccess: onBegun },
        )
      }
    />
  );
}
