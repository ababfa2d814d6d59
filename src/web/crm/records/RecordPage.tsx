import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { Fragment, type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useRecord } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { confirm } from '../../ui/confirm';
import { PageHeader } from '../../ui/PageHeader';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { NotFound } from '../../ui/RouteStates';
import { ScreenTabs } from '../../ui/ScreenTabs';
import { StatusBadge } from '../../ui/StatusBadge';
import { type AnyRow, type Entity, selectOf } from './entity';
import { RecordDrawer } from './RecordDrawer';
import { canUndo, useRemove } from './use-remove';

export interface PageTab<R> {
  /** A key of `tab.*`, also used in the URL. */
  key: string;
  content: (record: R) => ReactNode;
  /** Whether the user may see the tab; absent means yes. */
  shown?: boolean;
}

interface Properties<R extends AnyRow> {
  entity: Entity;
  /** The first tab is the default. */
  tabs: readonly PageTab<R>[];
  badge?: (record: R) => ReactNode;
  subtitle?: (record: R) => ReactNode;
  actions?: (record: R) => ReactNode;
  /** Above the tabs. */
  summary?: (record: R) => ReactNode;
}

/** The page of one record: header, actions and tabs. */
export function RecordPage<R extends AnyRow>({
  entity,
  tabs,
  badge,
  subtitle,
  actions,
  summary,
}: Properties<R>) {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const search = useScreenSearch();
  const navigate = useNavigate();
  const select = useMemo(() => selectOf(entity), [entity]);
  const {
    data: record,
    error,
    isPending,
    refetch,
  } = useRecord<typeof entity.table, R>(entity.table, id, select);
  // If a refetch fails, keep the record on screen together with any unsaved input.
  if (error && !record) return <Failed error={error} retry={() => void refetch()} />;
  if (isPending) {
    return (
      <Panel>
        <Lines count={8} />
      </Panel>
    );
  }
  if (!record) return <NotFound />;
  const shown = tabs.filter((tab) => tab.shown !== false);
  const current = shown.find(({ key }) => key === search.tab) ?? shown[0];
  return (
    // The key resets all state when another record is shown.
    <Fragment key={record.id}>
      <PageHeader
        title={entity.title(record as never) || t(`entity.${entity.table}.one`)}
        back={{ to: entity.path, label: t(`entity.${entity.table}.many`) }}
        badge={badge ? badge(record) : <StatusBadge value={record.status as string} size="lg" />}
        subtitle={subtitle?.(record)}
        actions={
          <>
            {actions?.(record)}
            <RecordMenu entity={entity} record={record} />
          </>
        }
      />
      {summary?.(record)}
      {shown.length === 1 ? (
        current?.content(record)
      ) : (
        <ScreenTabs
          value={current?.key ?? ''}
          tabs={shown.map(({ key }) => ({ key, label: t(`tab.${key}`) }))}
          onChoose={(tab) => void navigate({ to: '.', search: { ...search, tab }, replace: true })}
        >
          {current?.content(record)}
        </ScreenTabs>
      )}
    </Fragment>
  );
}

function RecordMenu({ entity, record }: { entity: Entity; record: AnyRow }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [editing, { open, close }] = useDisclosure();
  const { remove } = useRemove(entity);
  // If the user loses the permission while editing, keep the form open; the server refuses the save and explains why.
  if (!may(entity.mayWrite) && !editing) return null;
  const askToDelete = () =>
    confirm({
      title: t('deleteTitle', { name: entity.title(record as never) }),
      text: t(canUndo(entity) ? 'deleteText' : 'deleteForGoodText'),
      action: t('delete'),
      destructive: true,
      onConfirm: () => remove([record.id], () => void navigate({ to: entity.path as '/' })),
    });
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={15} />} onClick={open}>
        {t('edit')}
      </Button>
      {may('delete') && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t('more')}>
              <Ellipsis size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={askToDelete}>
              {t('delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <RecordDrawer entity={entity} record={record} opened={editing} onClose={close} />
    </>
  );
}
