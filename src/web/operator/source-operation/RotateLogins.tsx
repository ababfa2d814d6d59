import { PasswordInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RotateSourceLogins } from '@/server/operator/sources/operation';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

const WHICH = ['both', 'router', 'mover'] as const;

/** Begins to replace the logins of a data source. */
export function RotateLogins({ source, onClose }: { source: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [login, setLogin] = useState<(typeof WHICH)[number]>('both');
  const [adminUrl, setAdminUrl] = useState('');
  const change = useOperatorChange<unknown, RotateSourceLogins>(['tasks', 'sources'], { showsFailure: true });
  const given = adminUrl.trim();
  return (
    <ConfirmByName
      title={t('sourceOperation.rotation.title', { name: source })}
      name={source}
      consequences={['made', 'goesOn', 'dropped', 'pooler'].map((key) =>
        t(`sourceOperation.rotation.${key}`),
      )}
      action={t('sourceOperation.rotate')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          {
            path: `/data-sources/${source}/logins/rotation`,
            body: { confirm: source, login, ...(given ? { adminUrl: given } : {}) },
          },
          { onSuccess: onClose },
        )
      }
    >
      <SegmentedControl
        aria-label={t('sourceOperation.rotation.which')}
        value={login}
        onChange={(value) => setLogin(value as (typeof WHICH)[number])}
        data={WHICH.map((value) => ({ value, label: t(`sourceOperation.rotation.logins.${value}`) }))}
        orientation="vertical"
      />
      <PasswordInput
        label={t('sourceOperation.rotation.owner')}
        description={t('sourceOperation.rotation.ownerHint')}
        autoComplete="off"
        value={adminUrl}
        onChange={(event) => setAdminUrl(event.target.value)}
      />
    </ConfirmByName>
  );
}
