import {
  Alert,
  Anchor,
  Checkbox,
  Modal,
  MultiSelect,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessagePreview, NewMessage } from '@/server/api/mail/messages';
import { DialogActions } from '../../ui/DialogActions';
import { DocumentFrame } from '../../ui/DocumentFrame';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { MissingFields } from '../events/MissingFields';
import { useMailPreview, useSendMail } from '../events/sending';
import { TemplateInput } from '../events/TemplateInput';
import { MergeTextarea } from '../records/fields/MergeTextarea';
import { useDraft } from '../records/use-draft';
import { MissingDetails } from '../settings/MissingDetails';

export type MailAbout = NewMessage['about'];

interface Properties {
  about: MailAbout;
  onClose: () => void;
  /** Begins with the document itself, a link to it and a text that fits it. */
  withDocument?: boolean;
}

/** Composes a mail about a record, from a template or from scratch, with a preview of what is sent. The text is stored as a draft. */
export function WriteMail({ about, onClose, withDocument = false }: Properties) {
  const { t } = useTranslation();
  const { draft, change, discard } = useDraft(`mail.${about.kind}.${about.id}`);
  const [key] = useState(() => crypto.randomUUID());
  const send = useSendMail(key);
  const [suggested, setSuggested] = useState<MessagePreview['suggested']>();
  const text = (name: string, otherwise = '') => String(draft[name] ?? otherwise);
  const list = (name: string) => draft[name] as string[] | undefined;
  const [subject, body] = [text('subject', suggested?.subject), text('body', suggested?.body)];
  const [shown] = useDebouncedValue({ about, subject, body }, 300);
  const { data: preview, error } = useMailPreview(shown);
  if (withDocument && preview && suggested === undefined) setSuggested(preview.suggested);
  const to = 'to' in draft ? text('to') : (preview?.to ?? '');
  const attachable = preview?.attachable ?? [];
  const itself = attachable.filter((one) => withDocument && one.kind === about.kind && one.id === about.id);
  const chosen = list('attached') ?? itself.map(keyOf);
  const withLink = (draft.withLink as boolean | undefined) ?? withDocument;
  const [showsCc, setShowsCc] = useState(Boolean(list('cc')?.length));
  const isComplete = subject.trim() !== '' && body.trim() !== '' && to.trim() !== '';
  const sendNow = () =>
    send.mutate(
      {
        ...{ about, subject, body, to: to.trim(), cc: list('cc') ?? [] },
        attached: attachable
          .filter((one) => chosen.includes(keyOf(one)))
          .map(({ kind, id }) => ({ kind, id })),
        withLink: withLink && preview?.canLink === true,
      },
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
              {showsCc ? (
                <TagsInput
                  label={t('mailing.cc')}
                  description={t('mailing.ccHint')}
                  splitChars={[',', ';', ' ']}
                  maxTags={10}
                  value={list('cc') ?? []}
                  onChange={(cc) => change('cc', cc)}
                />
              ) : (
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  ta="start"
                  onClick={() => setShowsCc(true)}
                >
                  {t('mailing.addCc')}
                </Anchor>
              )}
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
              {attachable.length > 0 && (
                <MultiSelect
                  label={t('mailing.attachments')}
                  placeholder={chosen.length === 0 ? t('none') : ''}
                  data={attachable.map((one) => ({ value: keyOf(one), label: one.name }))}
                  maxValues={10}
                  value={chosen}
                  onChange={(attached) => change('attached', attached)}
                />
              )}
              {preview?.canLink && (
                <Checkbox
                  label={t('mailing.withLink')}
                  description={t('mailing.withLinkHint')}
                  checked={withLink}
                  onChange={(event) => change('withLink', event.target.checked)}
                />
              )}
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
              {preview?.isOptedOut && (
                <Alert color="yellow" role="status">
                  {t('mailing.optedOut')}
                </Alert>
              )}
            </Stack>
          </SimpleGrid>
          <MissingDetails />
          <FormError error={failure} />
          <DialogActions
            label={t('messages.send')}
            onCancel={onClose}
            isPending={send.isPending}
            isDisabled={!isComplete || (preview?.missing.length ?? 0) > 0 || preview?.isOptedOut === true}
          />
        </Stack>
      </form>
    </Modal>
  );
}

function keyOf({ kind, id }: { kind: string; id: string }): string {
  return `${kind} ${id}`;
}
