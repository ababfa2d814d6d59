import { Modal, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CompanySettings } from '../settings/CompanySettings';

/** The company's details and logo: the form of the settings. */
export function CompanyStep({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={t('setup.steps.company.title')} size="lg">
      <Stack>
        <CompanySettings onSaved={onClose} />
      </Stack>
    </Modal>
  );
}
