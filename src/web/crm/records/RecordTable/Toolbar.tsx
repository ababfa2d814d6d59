import { ActionIcon, Button, Checkbox, CloseButton, Menu, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { Columns3, Download, Plus, Search } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../../hooks/session/roles';
import { isDialogOpen } from '../../../ui/dialogs';
import { useNewKey } from '../../../ui/use-new-key';
import type { Entity } from '../entity';
import { ChoiceFilter } from './ChoiceFilter';
import { ListOptions } from './ListOptions';
import classes from './RecordTable.module.css';
import { ReferenceFilter, referencesIn } from './ReferenceFilter';
import { useExport } from './use-export';
import type { useListState } from './use-list-state';

interface Properties {
  entity: Entity;
  state: ReturnType<typeof useListState>;
  visibility: Record<string, boolean>;
  onVisibility: (visibility: Record<string, boolean>) => void;
  onNew?: (() => void) | undefined;
  actions?: ReactNode;
}

export function Toolbar({ entity, state, visibility, onVisibility, onNew, actions }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const { search, change } = state;
  const box = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState(search.q ?? '');
  const asked = useRef(search.q ?? '');
  const look = useDebouncedCallback((q: string) => {
    asked.current = q;
    change({ q });
  }, 200);
  useEffect(() => {
    // The URL can also change through a saved view or the back button.
    const { q = '' } = search;
    if (q === asked.current) return;
    asked.current = q;
    setWords(q);
  }, [search]);
  const { exportRows, isPending } = useExport(entity, state.reading, visibility);
  useNewKey(onNew);
  useHotkeys([['/', () => isDialogOpen() || box.current?.focus()]]);
  const type = (next: string) => {
    setWords(next);
    look(next);
  };
  const choosable = entity.fields.filter(
    (field) => field.kind === 'choice' && field.choices && field.list !== 'never',
  );
  return (
    <div className={classes.toolbar}>
      <TextInput
        ref={box}
        data-list-search
        value={words}
        onChange={(event) => type(event.target.value)}
        placeholder={t('list.search', { what: t(`entity.${entity.table}.many`) })}
        aria-label={t('list.search', { what: t(`entity.${entity.table}.many`) })}
        leftSection={<Search size={16} />}
        rightSection={
          words ? <CloseButton size="sm" aria-label={t('list.clear')} onClick={() => type('')} /> : null
        }
        className={classes.search}
      />
      {choosable.slice(0, 2).map((field) => (
        <ChoiceFilter key={field.name} field={field} state={state} />
      ))}
      {referencesIn(entity.fields, search.f).map((field) => (
        <ReferenceFilter key={field.name} field={field} state={state} />
      ))}
      <div className={classes.space} />
      {actions}
      <ListOptions
        entity={entity}
        state={state}
        visibility={visibility}
        onVisibility={onVisibility}
        exportRows={exportRows}
        isExporting={isPending}
      />
      <Menu closeOnItemClick={false} position="bottom-end" shadow="md">
        <Menu.Target>
          <Tooltip label={t('list.columns')}>
            <ActionIcon variant="default" size={36} aria-label={t('list.columns')} visibleFrom="sm">
              <Columns3 size={17} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
          {entity.fields
            .filter((field) => field.list !== 'never' && field.kind !== 'multiline')
            .map((field) => (
              <Menu.Item
                key={field.name}
                onClick={() => onVisibility({ ...visibility, [field.name]: !visibility[field.name] })}
              >
                <Checkbox
                  size="xs"
                  label={t(`field.${field.name}`)}
                  checked={visibility[field.name] ?? false}
                  readOnly
                  tabIndex={-1}
                />
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {may('export') && (
        <Tooltip label={t('list.export')}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('list.export')}
            onClick={exportRows}
            loading={isPending}
            visibleFrom="sm"
          >
            <Download size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      {onNew && (
        <Button leftSection={<Plus size={16} />} onClick={onNew}>
          {t('list.new')}
        </Button>
      )}
    </div>
  );
}
