import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AcceptRequest as Body, OperatorRequest } from '@/server/operator/tenants/requests';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

/** Begins what a tenant's owner asked for. */
export function AcceptRequest({ request, onClose }: { request: OperatorRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const { id, kind, tenant, tenantName: name } = request;
  const [source, setSource] = useState(tenant);
  const [answer, setAnswer] = useState('');
  const change = useOperatorChange<unknown, Body>(['requests', 'tasks', 'attention'], { showsFailure: true });
  const steps =
    kind === 'export'
      ? ['exportStep', 'exportDone', 'stays']
      : ['databaseStep', 'databaseData', 'databaseUrl', 'stays'];
  const words = answer.trim() ? { answer: answer.trim() } : {};
  return (
    <ConfirmByName
      title={t('requests.acceptTitle', { name })}
      name={tenant}
      consequences={steps.map((key) => t(`requests.${key}`))}
      action={t('requests.accept')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          {
            path: `/requests/${id}/acceptance`,
            body: kind === 'export' ? words : { ...words, name: source },
          },
          { onSuccess: onClose },
        )
      }
    >
      {kind === 'own_database' && (
        <TextInput
          required
          label={t('requests.name')}
          value={source}
          onChange={(event) => setSource(event.target.value.trim())}
        />
      )}
      <Textarea
        autosize
        maxLength={1_000}
        label={t('requests.words')}
        description={t('requests.wordsHint')}
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
      />
      <Command
        text={
          kind === 'export'
            ? `marquee backup export ${tenant} --to DIRECTORY`
            : `marquee request approve ${id.slice(0, 8)} --name ${source || 'NAME'}`
        }
      />
    </ConfirmByName>
  );
}
