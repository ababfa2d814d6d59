import { Group, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyTextButton } from './CopyTextButton';

interface Properties {
  label: string;
  description?: string;
  value: string;
}

/** Read-only text with a copy button, such as an address or a secret that is shown only once. */
export function SecretText({ label, description, value }: Properties) {
  const { t } = useTranslation();
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput
        label={label}
        description={description}
        value={value}
        readOnly
        flex={1}
        miw={0}
        onFocus={(event) => event.target.select()}
      />
      <CopyTextButton text={value} label={t('copy')} of={label} />
    </Group>
  );
}
