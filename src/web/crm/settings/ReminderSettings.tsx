import { Group, Select, Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { REMINDERS } from '../../hooks/company/settings';
import { useFormat } from '../../hooks/format';
import { NumberField } from '../../ui/NumberField';
import { SettingsPanel } from './SettingsPanel';

const KEYS = ['reminders'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour));
/** Default number of days when a reminder is turned on. */
const DAYS_AT_FIRST = 3;

/** Automatic reminder mails: subject, and number of days before. */
export function ReminderSettings() {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <SettingsPanel title={t('settings.reminders.title')} keys={KEYS}>
      {({ reminders }, change) => (
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t('settings.reminders.text')}
          </Text>
          {REMINDERS.map((kind) => {
            const days = reminders[kind];
            const set = (value: number | null) => change({ reminders: { ...reminders, [kind]: value } });
            const name = t(`settings.reminders.${kind}`);
            const counted = t(
              kind === 'payment_overdue' ? 'settings.reminders.daysAfter' : 'settings.reminders.days',
            );
            return (
              <Group key={kind} justify="space-between" mih={36}>
                <Switch
                  flex="1 1 260px"
                  label={name}
                  checked={days !== null}
                  onChange={(event) => set(event.target.checked ? DAYS_AT_FIRST : null)}
                />
                {days !== null && (
                  <Group gap="xs" wrap="nowrap">
                    <Text size="sm" c="dimmed">
                      {counted}
                    </Text>
                    <NumberField
                      w={84}
                      aria-label={`${name}: ${counted}`}
                      value={days}
                      min={kind === 'payment_overdue' ? 1 : 0}
                      max={90}
                      allowDecimal={false}
                      onChange={(value) => set(Number(value))}
                    />
                  </Group>
                )}
              </Group>
            );
          })}
          <Select
            maw={260}
            label={t('settings.reminders.hour')}
            value={String(reminders.hour)}
            data={HOURS.map((hour) => ({ value: hour, label: format.clock(`${hour.padStart(2, '0')}:00`) }))}
            onChange={(hour) => change({ reminders: { ...reminders, hour: Number(hour) } })}
          />
        </Stack>
      )}
    </SettingsPanel>
  );
}
