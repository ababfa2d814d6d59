import { Badge, Button, Drawer, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CopyCheck, Merge } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { EmptyState, Failed, Lines } from '../../ui/Panel';
import type { AnyRow, Entity } from '../records/entity';
import today from '../today/Today.module.css';
import { MergeRecords } from './MergeRecords';

/** Finds probable duplicates and offers to merge them. */
export function FindDuplicates({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  if (!may('delete')) return null;
  return (
    <>
      <Button variant="default" leftSection={<CopyCheck size={15} />} onClick={open}>
        {t('merge.find')}
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        position="right"
        size="lg"
        title={t('merge.found', { what: t(`entity.${entity.table}.many`) })}
      >
        {opened && <DuplicateList entity={entity} />}
      </Drawer>
    </>
  );
}

interface Alike {
  reason: 'email' | 'phone' | 'name';
  value: string;
  ids: string[];
}

function DuplicateList({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [merging, setMerging] = useState<string[]>();
  const { data, error, isPending, refetch } = useAnswer<'find_duplicates', Alike[]>('find_duplicates', {
    kind: entity.table.slice(0, -1),
  });
  const filters = useMemo((): Filter[] => [['id', 'in', (data ?? []).flatMap(({ ids }) => ids)]], [data]);
  const { data: rows } = useRecords<typeof entity.table, AnyRow>(
    entity.table,
    { filters },
    { enabled: Boolean(data?.length) },
  );
  const nameOf = (id: string) => {
    const row = rows?.find((each) => each.id === id);
    return row ? entity.title(row as never) : '…';
  };
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (isPending) return <Lines />;
  if (data.length === 0)
    return <EmptyState icon={CopyCheck} title={t('merge.none')} text={t('merge.noneText')} />;
  return (
    <>
      {data.map(({ reason, value, ids }) => (
        <div key={ids.join()} className={today.row}>
          <span className={today.text}>
            <span className={today.title}>{ids.map(nameOf).join(' · ')}</span>
            <Group gap={6}>
              <Badge variant="light" size="sm">
                {t(`field.${reason}`)}
              </Badge>
              <Text size="sm" c="dimmed">
                {value}
              </Text>
            </Group>
          </span>
          <Button size="xs" variant="light" leftSection={<Merge size={14} />} onClick={() => setMerging(ids)}>
            {t('merge.compare')}
          </Button>
        </div>
      ))}
      {merging && (
        <MergeRecords
          entity={entity}
          ids={merging}
          onClose={() => setMerging(undefined)}
          onMerged={(id) => void navigate({ to: `${entity.path}/${id}` as '/' })}
        />
      )}
    </>
  );
}
