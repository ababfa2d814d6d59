import { ActionIcon, Button, Checkbox, Drawer, Group, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ArrowDownAZ, ArrowUpAZ, Download, SlidersHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../../hooks/session/roles';
import type { Entity } from '../entity';
import { ChoiceFilter } from './ChoiceFilter';
import type { useListState } from './use-list-state';

interface Properties {
  entity: Entity;
  state: ReturnType<typeof useListState>;
  visibility: Record<string, boolean>;
  onVisibility: (visibility: Record<string, boolean>) => void;
  exportRows: () => void;
  isExporting: boolean;
}

/** On a phone, replaces the toolbar and the table header. */
export function ListOptions({
  entity,
  state,
  visibility,
  onVisibility,
  exportRows,
  isExporting,
}: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  const [column, direction] = state.order;
  const listed = entity.fields.filter((field) => field.list !== 'never' && field.kind !== 'multiline');
  const sort = (name: string, to: 'asc' | 'desc') =>
    state.change({ sort: `${to === 'desc' ? '-' : ''}${name}` });
  return (
    <>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={t('list.options')}
        aria-haspopup="dialog"
        onClick={open}
        hiddenFrom="sm"
      >
        <SlidersHorizontal size={17} />
      </ActionIcon>
      <Drawer opened={opened} onClose={close} position="bottom" size="80%" title={t('list.options')}>
        <Stack>
          <Group align="flex-end" wrap="nowrap">
            <Select
              label={t('list.sort')}
              flex={1}
              value={column}
              data={listed.map(({ name }) => ({ value: name, label: t(`field.${name}`) }))}
              onChange={(name) => name && sort(name, 'asc')}
            />
            <ActionIcon
              variant="default"
              size={36}
              aria-label={t(direction === 'asc' ? 'list.descending' : 'list.ascending')}
              onClick={() => sort(column, direction === 'asc' ? 'desc' : 'asc')}
            >
              {direction === 'asc' ? <ArrowDownAZ size={17} /> : <ArrowUpAZ size={17} />}
            </ActionIcon>
          </Group>
          {listed
            .filter((field) => field.kind === 'choice' && field.choices)
            .map((field) => (
              <ChoiceFilter key={field.name} field={field} state={state} isLabelled />
            ))}
          <div>
            <Text size="sm" fw={500} mb={6}>
              {t('list.columns')}
            </Text>
            <Stack gap={10}>
              {listed.map(({ name }) => (
                <Checkbox
                  key={name}
                  label={t(`field.${name}`)}
                  checked={visibility[name] ?? false}
                  onChange={() => onVisibility({ ...visibility, [name]: !visibility[name] })}
                />
              ))}
            </Stack>
          </div>
          {may('export') && (
            <Button
              variant="default"
              leftSection={<Download size={16} />}
              onClick={exportRows}
              loading={isExporting}
            >
              {t('list.export')}
            </Button>
          )}
        </Stack>
      </Drawer>
    </>
  );
}
