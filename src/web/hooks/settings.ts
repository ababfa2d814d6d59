import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Json } from '@/lib/tenant-data/types';
import { useRecords } from './records';
import { ask } from './session';

export interface Stage {
  key: string;
  name: string;
  /** Percent. */
  probability: number;
  kind: 'open' | 'won' | 'lost';
}

/** The company's settings, with what a new company starts with standing in for those not read yet. */
export interface Settings {
  currency: string;
  timezone: string;
  pipeline: { stages: Stage[]; stale_after_days: number };
  priority_windows: { critical: number; high: number; medium: number; low: number };
  tax: { name: string; rate: number; prices_include_tax: boolean };
  hold: { expires_after_hours: number };
  overlap_policy: string;
  deposit: { type: 'percent' | 'amount' | 'none'; value: number };
  company: { name: string; lines: string[]; email: string; phone: string; primary_color: string };
  /** A picture as data URL; empty where there is none. */
  logo: string;
}

const START: Settings = {
  currency: 'USD',
  timezone: 'America/New_York',
  pipeline: { stages: [], stale_after_days: 21 },
  priority_windows: { critical: 2, high: 7, medium: 14, low: 30 },
  tax: { name: 'Tax', rate: 0, prices_include_tax: false },
  hold: { expires_after_hours: 72 },
  overlap_policy: 'refuse',
  deposit: { type: 'percent', value: 50 },
  company: { name: '', lines: [], email: '', phone: '', primary_color: '#b4235a' },
  logo: '',
};

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

/** Changes one setting; the server checks it. @throws (by the mutation) Failure `setting_invalid` */
export function useSaveSetting<Key extends keyof Settings>(key: Key) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (value: Settings[Key]) =>
      ask(`/api/settings/${key}`, { method: 'PUT', body: JSON.stringify({ value }) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}

/** Sets the logo from a picture. @throws (by the mutation) Failure `file_*` */
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
