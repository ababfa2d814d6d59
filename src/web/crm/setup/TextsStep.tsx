import { Alert, Button, Checkbox, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { useStarterTexts, useTakeTexts } from '../../hooks/company/setup';
import { DocumentFrame } from '../../ui/DocumentFrame';
import { LinkTo } from '../../ui/LinkTo';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines } from '../../ui/Panel';

/** Proposed texts of the contract and of emails, with a preview. */
export function TextsStep({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { settings } = useSettings();
  const [language, setLanguage] = useState<'en' | 'de'>(settings.locale.startsWith('de') ? 'de' : 'en');
  const { data, error, refetch } = useStarterTexts(language);
  const [left, setLeft] = useState<readonly string[]>([]);
  const [shown, setShown] = useState<string>();
  const take = useTakeTexts();
  const keys = (data?.texts ?? []).map(({ key }) => key).filter((key) => !left.includes(key));
  return (
    <Modal opened onClose={onClose} title={t('setup.texts.title')} size="lg">
      <Stack>
        <Text size="sm">{t('setup.texts.text')}</Text>
        <SegmentedControl
          aria-label={t('setup.texts.language')}
          value={language}
          onChange={(value) => setLanguage(value as 'en' | 'de')}
          data={[
            { value: 'en', label: 'English' },
            { value: 'de', label: 'Deutsch' },
          ]}
        />
        <Alert color="yellow">{t('setup.texts.lawyer')}</Alert>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Lines />
        ) : (
          data.texts.map(({ key, type, name, subject, content }) => (
            <div key={key}>
              <Group justify="space-between" wrap="nowrap">
                <Checkbox
                  label={name}
                  description={t(`option.${type}`)}
                  checked={!left.includes(key)}
                  onChange={(event) =>
                    setLeft(event.target.checked ? left.filter((one) => one !== key) : [...left, key])
                  }
                />
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-expanded={shown === key}
                  aria-label={`${t('setup.texts.read')}: ${name}`}
                  onClick={() => setShown(shown === key ? undefined : key)}
                >
                  {t('setup.texts.read')}
                </Button>
              </Group>
              {shown === key &&
                (type === 'contract' ? (
                  <DocumentFrame title={name} html={content} />
                ) : (
                  <Text size="sm" mt="xs" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
                    <strong>{subject}</strong>
                    {`\n\n${content}`}
                  </Text>
                ))}
            </div>
          ))
        )}
        <Group justify="space-between">
          <LinkTo to="/templates" size="sm">
            {t('setup.texts.edit')}
          </LinkTo>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              loading={take.isPending}
              disabled={keys.length === 0}
              onClick={() =>
                take.mutate(
                  { language, keys },
                  {
                    onSuccess: () => {
                      notifyDone(t('setup.texts.taken'));
                      onClose();
                    },
                  },
                )
              }
            >
              {t('setup.texts.take')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
