import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Filter } from '../../hooks/request/query';
import { PageHeader } from '../../ui/PageHeader';
import type { AnyRow, Entity } from './entity';
import { RecordDrawer } from './RecordDrawer';
import { RecordTable } from './RecordTable/RecordTable';

interface Properties {
  entity: Entity;
  /** Absent when the list is part of another screen. */
  title?: string | undefined;
  actions?: ReactNode;
  toolbar?: ReactNode;
  filters?: readonly Filter[];
  height?: string;
}

/** A list screen: the table, and the form for new records and for records without a page of their own. */
export function RecordList({ entity, title, actions, toolbar, filters, height }: Properties) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const [edited, setEdited] = useState<AnyRow>();
  const edit = (row?: AnyRow) => {
    setEdited(row);
    open();
  };
  return (
    <>
      {title !== undefined && (
        <PageHeader title={title || t(`entity.${entity.table}.many`)} actions={actions} />
      )}
      <RecordTable
        entity={entity}
        onNew={() => edit()}
        onOpen={edit}
        actions={toolbar}
        {...(filters ? { filters } : {})}
        {...(height ? { height } : {})}
      />
      <RecordDrawer
        entity={entity}
        record={edited}
        opened={opened}
        onClose={close}
        onSaved={(row) => {
          if (entity.hasPage && !edited) void navigate({ to: `${entity.path}/${row.id}` as '/' });
        }}
      />
    </>
  );
}
