import { Checkbox } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

/** Removes a data source, unless something needs it. */
export function RemoveSource({
  source: { name },
  onClose,
}: {
  source: { name: string };
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [leaveCopies, setLeave] = useState(false);
  const change = useOperatorChange(['sources'], { showsFailure: true });
  const query = new URLSearchParams({ confirm: name, leaveCopies: String(leaveCopies) });
  return (
    <ConfirmByName
      title={t('sources.remove.title', { name })}
      name={name}
      consequences={[
        t('sources.remove.credentials'),
        t('sources.remove.database'),
        t('sources.remove.history'),
      ]}
      action={t('sources.remove.submit')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { method: 'DELETE', path: `/data-sources/${name}?${query}` },
          { onSuccess: () => void navigate({ to: '/data-sources' as '/' }) },
        )
      }
    >
      <Checkbox
        label={t('sources.remove.leaveCopies')}
        checked={leaveCopies}
        onChange={(event) => setLeave(event.currentTarget.checked)}
      />
    </ConfirmByName>
  );
}
