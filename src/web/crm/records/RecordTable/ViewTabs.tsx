import { ActionIcon, Button, Checkbox, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Bookmark, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScreenSearch } from '../../../hooks/page/screen-search';
import { useSaveRecord } from '../../../hooks/records/changes';
import { useRecords } from '../../../hooks/records/records';
import { useMay } from '../../../hooks/session/roles';
import { useSignedIn } from '../../../hooks/session/session';
import { notifyDone } from '../../../ui/notify';
import type { Entity } from '../entity';
import { useRemove } from '../use-remove';
import classes from './RecordTable.module.css';
import type { useListState } from './use-list-state';

/** Resets the list state: a saved view replaces it completely. */
const PLAIN = { q: undefined, f: undefined, view: undefined, sort: undefined } as unknown as ScreenSearch;

interface Properties {
  entity: Entity;
  state: ReturnType<typeof useListState>;
}

/** Tabs of built-in and saved views. */
export function ViewTabs({ entity, state }: Properties) {
  const { t } = useTranslation();
  const { search, change, view } = state;
  const [naming, { open, close }] = useDisclosure();
  const saved = useRecords('saved_views', {
    select: 'id,name,owner_id,definition',
    filters: [['entity', 'eq', entity.table]],
    order: [['name', 'asc']],
  });
  const { remove } = useRemove({ table: 'saved_views', leaf: true });
  const own = saved.data ?? [];
  return (
    <div className={classes.views}>
      {entity.views?.map(({ key }) => (
        <button
          key={key}
          type="button"
          className={classes.view}
          aria-pressed={key === view?.key && !search.f}
          onClick={() =>
            change({
              view: key === entity.views?.[0]?.key ? undefined : key,
              f: undefined,
              sort: undefined,
            } as never)
          }
        >
          {t(`view.${key}`)}
        </button>
      ))}
      <Menu position="bottom-start" shadow="md" width={260}>
        <Menu.Target>
          <button
            type="button"
            className={classes.view}
            style={{ display: 'flex', gap: 6, alignItems: 'center' }}
          >
            <Bookmark size={14} aria-hidden /> {t('list.views')}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {own.map(({ id, name, definition }) => (
            <Menu.Item
              key={id}
              component="div"
              onClick={() => change({ ...PLAIN, ...(definition as ScreenSearch) })}
              rightSection={
                <ActionIcon
                  size="sm"
                  variant="subtle"
                  color="red"
                  aria-label={t('list.deleteView', { name })}
                  onClick={(event) => {
                    event.stopPropagation();
                    remove([id]);
                  }}
                >
                  <Trash2 size={14} />
                </ActionIcon>
              }
            >
              {name}
            </Menu.Item>
          ))}
          {own.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={open}>{t('list.saveView')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SaveView entity={entity} search={search} opened={naming} onClose={close} />
    </div>
  );
}

function SaveView({
  entity,
  search,
  opened,
  onClose,
}: {
  entity: Entity;
  search: ScreenSearch;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const { user } = useSignedIn();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useSaveRecord('saved_views');
  const keep = () => {
    const { q, f, view, sort } = search;
    const definition = JSON.parse(JSON.stringify({ q, f, view, sort }));
    const changes = { entity: entity.table, name, owner_id: shared ? null : user.id, definition };
    save.mutate(
      { changes },
      {
        onSuccess: () => {
          notifyDone(t('list.viewSaved'));
          setName('');
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('list.saveView')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name) keep();
        }}
      >
        <Stack>
          <TextInput
            label={t('list.viewName')}
            value={name}
            onChange={(e) => setName(e.target.value)}
            data-autofocus
          />
          {may('operations') && (
            <Checkbox
              label={t('list.sharedView')}
              checked={shared}
              onChange={(e) => setShared(e.target.checked)}
            />
          )}
          <Button type="submit" disabled={!name} loading={save.isPending}>
            {t('save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
