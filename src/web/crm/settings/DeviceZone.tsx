import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Offers the time zone of this device, where another one is chosen. */
export function DeviceZone({ chosen, onChoose }: { chosen: string; onChoose: (zone: string) => void }) {
  const { t } = useTranslation();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (timeZone === chosen || timeZone === 'UTC') return null;
  return (
    <Button size="compact-sm" variant="subtle" onClick={() => onChoose(timeZone)}>
      {t('settings.company.deviceZone', { zone: timeZone })}
    </Button>
  );
}
