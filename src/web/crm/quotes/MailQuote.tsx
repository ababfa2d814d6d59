import { Checkbox, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMailPreview } from '../events/sending';
import { TemplateInput } from '../events/TemplateInput';

export interface MailedQuote {
  mail: boolean;
  to?: string;
  subject?: string;
  message?: string;
}

/** What the user chose, also the template that the texts are of. */
type Chosen = Partial<MailedQuote> & { template?: string | undefined };

/** Whether the client's link is mailed, to whom, and with which words. By default it is, where the client has an address. */
export function useMailedQuote(quoteId: string, isOpen: boolean) {
  const { data } = useMailPreview({ about: { kind: 'quote', id: quoteId }, subject: '', body: '' }, isOpen);
  const [chosen, choose] = useState<Chosen>({});
  const to = chosen.to ?? data?.to ?? '';
  const mail = (chosen.mail ?? Boolean(data?.to)) && data?.isOptedOut === false && to.trim() !== '';
  const request: MailedQuote = mail
    ? {
        ...{ mail, to: to.trim() },
        ...(chosen.subject ? { subject: chosen.subject } : {}),
        ...(chosen.message ? { message: chosen.message } : {}),
      }
    : { mail: false };
  return { request, chosen, choose, to, preview: data };
}

export function MailQuote({ request, chosen, choose, to, preview }: ReturnType<typeof useMailedQuote>) {
  const { t } = useTranslation();
  if (!preview) return null;
  if (preview.isOptedOut) return <Text size="sm">{t('mailing.optedOut')}</Text>;
  const wanted = chosen.mail ?? request.mail;
  return (
    <Stack gap="xs">
      <Checkbox
        label={t('mailing.emailIt')}
        checked={wanted}
        onChange={(event) => choose({ ...chosen, mail: event.target.checked })}
      />
      {!preview.to && !wanted && (
        <Text size="sm" c="dimmed">
          {t('mailing.noAddress')}
        </Text>
      )}
      {wanted && (
        <>
          <TextInput
            label={t('messages.to')}
            type="email"
            value={to}
            onChange={(event) => choose({ ...chosen, mail: true, to: event.target.value })}
          />
          <TemplateInput
            type="email"
            placeholder={t('messages.noTemplate')}
            value={chosen.template ?? null}
            onChange={(template) =>
              choose({
                ...chosen,
                template: template?.id,
                subject: template?.subject ?? '',
                message: template?.content ?? '',
              })
            }
          />
          {chosen.template && (
            <TextInput
              label={t('field.subject')}
              maxLength={500}
              value={chosen.subject ?? ''}
              onChange={(event) => choose({ ...chosen, subject: event.target.value })}
            />
          )}
          <Textarea
            label={t('mailing.message')}
            description={t('mailing.messageHint')}
            autosize
            minRows={3}
            maxLength={5000}
            value={chosen.message ?? ''}
            onChange={(event) => choose({ ...chosen, message: event.target.value })}
          />
        </>
      )}
    </Stack>
  );
}
