import { Input, Radio, SimpleGrid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../hooks/company/settings';
import { NumberField } from '../../ui/NumberField';
import { SettingsPanel } from './SettingsPanel';

const POLICIES = ['refuse', 'warn'] as const;
/** Urgency levels, from the shortest window to the longest. */
const WINDOWS = ['critical', 'high', 'medium', 'low'] as const;
const KEYS = ['overlap_policy', 'hold', 'priority_windows'] as const;

/** Overlap policy for double bookings, and urgency windows of events. */
export function BookingSettings() {
  const { t } = useTranslation();
  const problem = ({ priority_windows: days }: Pick<Settings, 'priority_windows'>) =>
    isRising(days) ? undefined : t('settings.bookings.order');
  return (
    <SettingsPanel title={t('settings.bookings.title')} keys={KEYS} problem={problem}>
      {(values, change) => (
        <>
          <Radio.Group
            label={t('settings.bookings.overlap')}
            value={values.overlap_policy}
            onChange={(policy) => change({ overlap_policy: policy as Settings['overlap_policy'] })}
          >
            <Stack gap="sm" mt="xs">
              {POLICIES.map((policy) => (
                <Radio
                  key={policy}
                  value={policy}
                  label={t(`settings.bookings.${policy}`)}
                  description={t(`settings.bookings.${policy}Text`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <NumberField
            label={t('settings.bookings.holdDays')}
            description={t('settings.bookings.holdDaysText')}
            value={Math.max(1, Math.round(values.hold.expires_after_hours / 24))}
            min={1}
            max={365}
            maw={260}
            allowDecimal={false}
            onChange={(days) => change({ hold: { expires_after_hours: 24 * Number(days) } })}
          />
          <Input.Wrapper
            component="fieldset"
            bd={0}
            p={0}
            m={0}
            label={t('settings.bookings.priority')}
            labelElement="div"
            labelProps={{ component: 'legend', p: 0 }}
            description={t('settings.bookings.priorityText')}
            error={problem(values)}
          >
            <SimpleGrid cols={{ base: 2, sm: 4 }} my="xs">
              {WINDOWS.map((window) => (
                <NumberField
                  key={window}
                  label={t(`option.${window}`)}
                  value={values.priority_windows[window]}
                  min={0}
                  max={365}
                  allowDecimal={false}
                  onChange={(days) =>
                    change({ priority_windows: { ...values.priority_windows, [window]: Number(days) } })
                  }
                />
              ))}
            </SimpleGrid>
          </Input.Wrapper>
        </>
      )}
    </SettingsPanel>
  );
}

function isRising(days: Settings['priority_windows']): boolean {
  return days.critical < days.high && days.high < days.medium && days.medium < days.low;
}
