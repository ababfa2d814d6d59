import { Group, Stack, Text, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import type { Edit } from '../../hooks/offline/edits';
import { NumberField } from '../../ui/NumberField';
import { Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import type { Shift } from './load-brief';
import type { useBrief } from './use-brief';

interface Properties {
  shifts: readonly Shift[];
  editOf: (key: string) => Edit | undefined;
  change: ReturnType<typeof useBrief>['change'];
}

/** The user's own shifts: hours worked, miles driven, and notes for the office. */
export function BriefHours({ shifts, editOf, change }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  if (shifts.length === 0) return null;
  return (
    <Panel title={t('brief.mine')}>
      <Stack>
        {shifts.map((shift) => {
          const key = `event_staff_assignments:${shift.id}`;
          const edit = editOf(key);
          const now = { ...shift, ...(edit?.kind === 'row' ? edit.changes : {}) } as Shift;
          const set = (changes: Record<string, unknown>) =>
            change({
              kind: 'row',
              key,
              table: 'event_staff_assignments',
              id: shift.id,
              version: shift.version,
              changes,
              label: t('brief.mine'),
            });
          return (
            <div key={shift.id}>
              <Group justify="space-between" mb="xs">
                <Text fw={600}>
                  {[shift.role?.name, format.clock(shift.arrival_time)].filter(Boolean).join(' · ')}
                </Text>
                <StatusBadge value={now.status} />
              </Group>
              <Group grow align="flex-start">
                <NumberField
                  label={t('field.hours_actual')}
                  inputMode="decimal"
                  min={0}
                  max={1000}
                  step={0.25}
                  decimalScale={2}
                  value={now.hours_actual ?? ''}
                  onChange={(value) => set({ hours_actual: value === '' ? null : Number(value) })}
                />
                <NumberField
                  label={t('field.miles')}
                  inputMode="decimal"
                  min={0}
                  decimalScale={1}
                  value={now.miles ?? ''}
                  onChange={(value) => set({ miles: value === '' ? null : Number(value) })}
                />
              </Group>
              <Textarea
                mt="xs"
                label={t('brief.remarks')}
                autosize
                minRows={2}
                value={now.notes ?? ''}
                onChange={(event) => set({ notes: event.target.value || null })}
              />
            </div>
          );
        })}
      </Stack>
    </Panel>
  );
}
