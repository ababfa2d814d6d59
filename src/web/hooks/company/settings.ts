import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { SettingKey, SettingValue } from '@/lib/crm/settings';
import { INITIAL_SETTINGS } from '@/lib/initial-settings';
import type { Json } from '@/lib/tenant-data/types';
import { useRecords } from '../records/records';
import { ask } from '../session/session';

export const REMINDERS = [
  'quote_expiring',
  'payment_due',
  'payment_overdue',
  'design_late',
  'crew_unconfirmed',
] as const satisfies (keyof Settings['reminders'])[];

/** The tenant's settings; defaults fill in those that have not loaded. */
export type Settings = { [Key in SettingKey]: SettingValue<Key> };
export type Stage = Settings['pipeline']['stages'][number];

/** Until the settings have loaded. Stages and name are shown as such: the initial ones would be taken for the company's. */
const START = {
  ...INITIAL_SETTINGS,
  pipeline: { ...INITIAL_SETTINGS.pipeline, stages: [] },
  company: { ...INITIAL_SETTINGS.company, name: '' },
} as unknown as Settings;

export function useSettings(): { settings: Settings; rows: SettingRow[]; isPending: boolean } {
  const { data, isPending } = useRecords<'tenant_settings', SettingRow>('tenant_settings', {
    select: 'id,key,value,version',
  });
  const settings = useMemo(() => {
    const given = Object.fromEntries((data ?? []).map(({ key, value }) => [key, value]));
    return { ...START, ...given } as Settings;
  }, [data]);
  return { settings, rows: data ?? NO_ROWS, isPending };
}

/** Saves one setting, validated by the server. @throws (by the mutation) Failure `setting_invalid` */
export function useSaveSetting<Key extends keyof Settings>(key: Key) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (value: Settings[Key]) =>
      ask(`/api/settings/${key}`, { method: 'PUT', body: JSON.stringify({ value }) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}

/**
 * State of a settings form. `save` sends the changed settings one by one; the server validates each.
 *
 * @throws (by `save`'s mutation) Failure `setting_invalid`
 */
export function useEditedSettings<Key extends keyof Settings>(settings: Settings, keys: readonly Key[]) {
  const client = useQueryClient();
  const [values, setValues] = useState(() => pick(settings, keys));
  const save = useMutation({
    mutationFn: async () => {
      for (const key of keys) {
        if (JSON.stringify(values[key]) === JSON.stringify(settings[key])) continue;
        await ask(`/api/settings/${key}`, { method: 'PUT', body: JSON.stringify({ value: values[key] }) });
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
  const change = (changes: Partial<Pick<Settings, Key>>) => setValues({ ...values, ...changes });
  return { values, change, save };
}

function pick<Key extends keyof Settings>(settings: Settings, keys: readonly Key[]): Pick<Settings, Key> {
  return Object.fromEntries(keys.map((key) => [key, settings[key]])) as Pick<Settings, Key>;
}

/** Uploads an image as the logo. @throws (by the mutation) Failure `file_*` */
export function useSaveLogo() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (picture: File) => {
      const form = new FormData();
      form.set('file', picture);
      return ask('/api/logo', { method: 'PUT', body: form });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}

export interface SettingRow {
  id: string;
  key: string;
  value: Json;
  version: number;
}

const NO_ROWS: SettingRow[] = [];
