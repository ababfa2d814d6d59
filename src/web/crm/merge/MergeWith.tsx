import { Alert, Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Merge } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { LinkTo } from '../../ui/LinkTo';
import type { AnyRow, Entity, Reference } from '../records/entity';
import { ReferenceInput } from '../records/fields/ReferenceInput';
import { MergeRecords } from './MergeRecords';

interface Properties {
  entity: Entity;
  record: AnyRow;
  reference: Reference;
}

/** Merges the current record with another, chosen one. */
export function MergeWith({ entity, record, reference }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const [other, setOther] = useState<string>();
  const others = useMemo(
    (): Reference => ({
      ...reference,
      filters: [...(reference.filters ?? []), ['id', 'neq', record.id]] as Filter[],
    }),
    [reference, record.id],
  );
  const ids = useMemo(() => (other ? [record.id, other] : []), [record.id, other]);
  if (!may('delete') || record.deleted_at) return null;
  return (
    <>
      <Button variant="default" leftSection={<Merge size={15} />} onClick={open}>
        {t('merge.with')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('merge.withTitle', { name: entity.title(record as never) })}
      >
        <ReferenceInput
          canCreate={false}
          reference={others}
          value={null}
          label={t('merge.other')}
          onChange={(id) => {
            close();
            setOther(id ?? undefined);
          }}
          data-autofocus
        />
      </Modal>
      {other && (
        <MergeRecords
          entity={entity}
          ids={ids}
          onClose={() => setOther(undefined)}
          onMerged={(id) => {
            setOther(undefined);
            void navigate({ to: `${entity.path}/${id}` as '/' });
          }}
        />
      )}
    </>
  );
}

/** On the page of a merged record: link to the record that was kept. */
export function MergedInto({ entity, record }: { entity: Entity; record: AnyRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!record.merged_into_id) return null;
  return (
    <Alert color="orange" mb="lg">
      {t('merge.merged', { date: format.moment(String(record.merged_at)) })}{' '}
      <LinkTo to={`${entity.path}/${record.merged_into_id}`} inherit>
        {t('merge.toSurvivor')}
      </LinkTo>
    </Alert>
  );
}
