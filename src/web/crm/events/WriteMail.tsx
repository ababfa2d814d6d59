import { Alert, Button, Group, Modal, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DocumentFrame } from '../../ui/DocumentFrame';
import { MergeTextarea } from '../../ui/MergeTextarea';
import { explain, notifyDone } from '../../ui/notify';
import { useDraft } from '../../ui/use-draft';
import { MissingFields } from './MissingFields';
import { useMailPreview, useSendMail } from './papers';
import { TemplateInput } from './TemplateInput';

/** Composes a mail about an event, from a template or from scratch, with a preview. The text is stored as a draft. */
export function WriteMail({ eventId, onClose }: { eventId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { draft, change, discard } = useDraft(`mail.${eventId}`);
  const [key] = useState(() => crypto.randomUUID());
  const send = useSendMail(key);
  const text = (name: string) => String(draft[name] ?? '');
  const [subject, body] = [text('subject'), text('body')];
  const [shown] = useDebouncedValue({ eventId, subject, body }, 300);
  const { data: preview, error } = useMailPreview(shown);
  const to = 'to' in draft ? text('to') : (preview?.to ?? '');
  const isComplete = subject.trim() !== '' && body.trim() !== '' && to.trim() !== '';
  const sendNow = () =>
    send.mutate(
      { eventId, to: to.trim(), subject, body },
      {
        onSuccess: () => {
          discard();
          notifyDone(t('messages.queued'));
          onClose();
        },
      },
    );
  const failure = send.error ?? error;
  return (
    <Modal opened onClose={onClose} size="xl" title={t('messages.write')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sendNow();
        }}
      >
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Stack gap="sm">
              <TemplateInput
                type="email"
                placeholder={t('messages.noTemplate')}
                value={text('template') || null}
                onChange={(template) => {
                  change('template', template?.id ?? '');
                  if (!template) return;
                  change('subject', template.subject ?? '');
                  change('body', template.content);
                }}
              />
              <TextInput
                label={t('messages.to')}
                type="email"
                required
                value={to}
                onChange={(event) => change('to', event.target.value)}
              />
              <TextInput
                label={t('field.subject')}
                required
                maxLength={500}
                value={subject}
                onChange={(event) => change('subject', event.target.value)}
                data-autofocus
              />
              <MergeTextarea
                label={t('field.body')}
                description={t('messages.fields', { field: '{{contact.first_name}}' })}
                required
                minRows={7}
                value={body}
                onChange={(next) => change('body', next)}
              />
            </Stack>
            <Stack gap="sm">
              <Text size="sm" fw={500}>
                {t('preview')}
              </Text>
              <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                {preview?.subject}
              </Text>
              <DocumentFrame title={t('preview')} html={preview?.content ?? ''} />
              {preview && <MissingFields missing={preview.missing} />}
            </Stack>
          </SimpleGrid>
          {failure && (
            <Alert color="red" role="alert">
              {explain(failure)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              loading={send.isPending}
              disabled={!isComplete || (preview?.missing.length ?? 0) > 0}
            >
              {t('messages.send')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
