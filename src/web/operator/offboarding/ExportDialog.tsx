import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewTenantExport } from '@/server/operator/tenants/exports';
import type { OperatorTenantPage } from '@/server/operator/tenants/tenant';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

const FORMATS = ['csv', 'json'] as const;

/** Begins an export of all rows of a tenant. */
export function ExportDialog({
  tenant: { name, subdomain },
  onClose,
}: {
  tenant: OperatorTenantPage;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('csv');
  const change = useOperatorChange<unknown, NewTenantExport>(['tasks', 'backups'], { showsFailure: true });
  return (
    <ConfirmByName
      title={t('offboarding.exportTitle', { name })}
      name={subdomain}
      consequences={[
        t('offboarding.exportAll', { name }),
        t('offboarding.exportSnapshot'),
        t('offboarding.exportKept'),
        t('offboarding.exportAudit'),
      ]}
      action={t('offboarding.export')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { path: `/tenants/${subdomain}/exports`, body: { confirm: subdomain, format } },
          { onSuccess: onClose },
        )
      }
    >
      <Radio.Group
        label={t('offboarding.format')}
        value={format}
        onChange={(value) => setFormat(value as (typeof FORMATS)[number])}
      >
        <Stack gap={4} mt={4}>
          {FORMATS.map((value) => (
            <Radio key={value} value={value} label={t(`offboarding.formats.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmByName>
  );
}
