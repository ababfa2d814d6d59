import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Settings, useEditedSettings, useSettings } from '../../hooks/company/settings';
import { notifyDone } from '../../ui/notify';
import { Lines, Panel } from '../../ui/Panel';

interface Properties<Key extends keyof Settings> {
  title: string;
  keys: readonly Key[];
  children: (
    values: Pick<Settings, Key>,
    change: (changes: Partial<Pick<Settings, Key>>) => void,
  ) => ReactNode;
  /** Validation error that prevents saving. */
  problem?: (values: Pick<Settings, Key>) => string | undefined;
  onSaved?: (() => void) | undefined;
}

/** A form for several settings. */
export function SettingsPanel<Key extends keyof Settings>(properties: Properties<Key>) {
  const { settings, isPending } = useSettings();
  const stored = JSON.stringify(properties.keys.map((key) => settings[key]));
  return (
    <Panel title={properties.title}>
      {isPending ? <Lines /> : <Form key={stored} settings={settings} {...properties} />}
    </Panel>
  );
}

function Form<Key extends keyof Settings>({
  settings,
  keys,
  children,
  problem,
  onSaved,
}: Properties<Key> & { settings: Settings }) {
  const { t } = useTranslation();
  const { values, change, save } = useEditedSettings(settings, keys);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // What is stored is this form's key, so another form takes its place once it is saved: the promise outlives it.
        save.mutateAsync(undefined).then(
          () => {
            notifyDone(t('saved'));
            onSaved?.();
          },
          () => {},
        );
      }}
    >
      <Stack>
        {children(values, change)}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={problem?.(values) !== undefined}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
