import { TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SettingsPanel } from './SettingsPanel';

/** The company's own list of where leads come from. */
export function LeadSources() {
  const { t } = useTranslation();
  return (
    <SettingsPanel title={t('settings.sources.title')} keys={['lead_sources']}>
      {({ lead_sources }, change) => (
        <TagsInput
          label={t('settings.sources.list')}
          description={t('settings.sources.help')}
          value={[...lead_sources]}
          maxTags={50}
          clearable={false}
          onChange={(next) => change({ lead_sources: next })}
        />
      )}
    </SettingsPanel>
  );
}
