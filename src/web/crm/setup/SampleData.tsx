import { Alert, Button, Group, List, Modal, Text } from '@mantine/core';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeptSamples } from '@/server/api/company/setup';
import { useLoadSamples, useRemoveSamples } from '../../hooks/company/setup';
import { useWords } from '../../i18n/use-words';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';

/** Loads sample data to look around with, and removes them; says which records stayed. @param offers whether loading is offered */
export function SampleData({ samples, offers }: { samples: number; offers: boolean }) {
  const { t } = useTranslation();
  const { language } = useWords();
  const load = useLoadSamples();
  const remove = useRemoveSamples();
  const [kept, setKept] = useState<KeptSamples['kept']>([]);
  const ask = () =>
    confirm({
      title: t('setup.samples.removeTitle'),
      text: t('setup.samples.removeText'),
      action: t('setup.samples.remove'),
      onConfirm: () =>
        remove.mutate(undefined, {
          onSuccess: (answer) => {
            if (answer.kept.length > 0) setKept(answer.kept);
            else notifyDone(t('setup.samples.removed'));
          },
        }),
    });
  return (
    <>
      {samples > 0 ? (
        <Alert color="yellow" icon={<FlaskConical size={18} />} title={t('setup.samples.loaded')} mb="md">
          <Group justify="space-between" gap="xs">
            <Text size="sm" flex="1 1 240px">
              {t('setup.samples.loadedText')}
            </Text>
            <Button size="compact-sm" variant="default" loading={remove.isPending} onClick={ask}>
              {t('setup.samples.remove')}
            </Button>
          </Group>
        </Alert>
      ) : (
        offers && (
          <Group mb="md" gap="xs" px={4}>
            <Text size="sm" c="dimmed">
              {t('setup.samples.text')}
            </Text>
            <Button
              size="compact-sm"
              variant="subtle"
              loading={load.isPending}
              onClick={() =>
                load.mutate(language.startsWith('de') ? 'de' : 'en', {
                  onSuccess: () => notifyDone(t('setup.samples.done')),
                })
              }
            >
              {t('setup.samples.load')}
            </Button>
          </Group>
        )
      )}
      <Modal opened={kept.length > 0} onClose={() => setKept([])} title={t('setup.samples.removed')}>
        <Text size="sm" mb="xs">
          {t('setup.samples.kept')}
        </Text>
        <List size="sm">
          {kept.map(({ id, entity, title, reason }) => (
            <List.Item key={id}>
              {t(`entity.${entity}.one`)}: {title} – {t(`setup.samples.reason.${reason}`)}
            </List.Item>
          ))}
        </List>
      </Modal>
    </>
  );
}
