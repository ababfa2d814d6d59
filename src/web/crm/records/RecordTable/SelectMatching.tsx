import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { readMatchingIds } from '../../../hooks/records/matching-ids';
import type { Reading } from '../../../hooks/request/query';
import type { Entity } from '../entity';

/** Extends a selection of loaded rows to all that the list's view, filters and search match. */
export function SelectMatching({
  entity,
  reading,
  onSelect,
}: {
  entity: Entity;
  reading: Reading;
  onSelect: (ids: string[]) => void;
}) {
  const { t } = useTranslation();
  const select = useMutation({
    mutationFn: () => readMatchingIds(entity.table, reading),
    onSuccess: onSelect,
  });
  return (
    <Button variant="subtle" size="compact-sm" loading={select.isPending} onClick={() => select.mutate()}>
      {t('list.selectMatching')}
    </Button>
  );
}
