import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SettingsPanel } from './SettingsPanel';

const KEYS = ['mail_opens'] as const;

/** Whether it is counted when clients open mails. */
export function MailSettings() {
  const { t } = useTranslation();
  return (
    <SettingsPanel title={t('mailing.settings')} keys={KEYS}>
      {(values, change) => (
        <Switch
          label={t('mailing.opens')}
          description={t('mailing.opensText')}
          checked={values.mail_opens}
          onChange={(event) => change({ mail_opens: event.target.checked })}
        />
      )}
    </SettingsPanel>
  );
}
