import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from '../ui/FormError';
import { Panel } from '../ui/Panel';
import { useAsk, useDecline } from './offer';
import { useStoredInput } from './use-stored-input';

/** A question to the company, or a decline with its reason. What is typed survives a reload. */
export function AskOrDecline({ token, canDecline }: { token: string; canDecline: boolean }) {
  const { t } = useTranslation();
  const [question, setQuestion, forget] = useStoredInput(token, 'question');
  const [reason, setReason] = useStoredInput(token, 'reason');
  const [isDeclining, setIsDeclining] = useState(reason !== '');
  const ask = useAsk(token);
  const decline = useDecline(token);
  const error = ask.error ?? decline.error;
  return (
    <Panel title={t('client.question')}>
      <Stack gap="sm">
        <Textarea
          size="md"
          label={t('client.questionLabel')}
          autosize
          minRows={2}
          maxLength={5000}
          value={question}
          onChange={(event) => {
            ask.reset();
            setQuestion(event.target.value);
          }}
        />
        {ask.isSuccess && (
          <Text size="sm" role="status">
            {t('client.asked')}
          </Text>
        )}
        <Group justify="space-between">
          <Button
            variant="default"
            disabled={!question.trim()}
            loading={ask.isPending}
            onClick={() => ask.mutate(question.trim(), { onSuccess: forget })}
          >
            {t('client.ask')}
          </Button>
          {canDecline && !isDeclining && (
            <Button variant="subtle" color="gray" onClick={() => setIsDeclining(true)}>
              {t('client.decline')}
            </Button>
          )}
        </Group>
        {canDecline && isDeclining && (
          <Stack gap="sm" role="group" aria-label={t('client.decline')}>
            <Textarea
              size="md"
              label={t('client.reason')}
              autosize
              minRows={2}
              maxLength={2000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setIsDeclining(false)}>
                {t('cancel')}
              </Button>
              <Button color="red.9" loading={decline.isPending} onClick={() => decline.mutate(reason.trim())}>
                {t('client.declineNow')}
              </Button>
            </Group>
          </Stack>
        )}
        <FormError error={error} />
      </Stack>
    </Panel>
  );
}
