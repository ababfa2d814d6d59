import { useMemo } from 'react';
import type { Json } from '@/lib/tenant-data/types';
import { useRecords } from './records';

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
}

const START: Settings = {
  currency: 'USD',
  timezone: 'America/New_York',
  pipeline: { stages: [], stale_after_days: 21 },
  priority_windows: { critical: 2, high: 7, medium: 14, low: 30 },
  tax: { name: 'Tax', rate: 0, prices_include_tax: false },
  hold: { expires_after_hours: 72 },
  overlap_policy: 'refuse',
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

export interface SettingRow {
  id: string;
  key: string;
  value: Json;
  version: number;
}

const NO_ROWS: SettingRow[] = [];
