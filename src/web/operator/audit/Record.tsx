import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditRecordAnswer } from '@/server/operator/audit';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { Panel } from '../../ui/Panel';
import { Command } from '../parts/Command';
import { useOperatorChange, useOperatorQuery } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';

/** One record with what changed, and its proof. */
export function Record({ record }: { record: AuditRecordAnswer }) {
  const { t } = useTranslation();
  const change = useOperatorChange<OperatorTaskAnswer>(['tasks']);
  const { id, entity, entityId, before, after, details, requestId, actor } = record;
  const parts = { details, before, after };
  const command = `marquee audit proof ${id} --out proof-${id}.json`;
  return (
    <Panel title={t('auditLog.record', { id })}>
      <Stack gap="xs">
        <Text size="sm">
          {entity} {entityId} · {actor} {requestId && `· ${requestId}`}
        </Text>
        {(['details', 'before', 'after'] as const).map(
          (part) =>
            parts[part] && (
              <div key={part}>
                <Text size="xs" fw={600}>
                  {t(`auditLog.${part}`)}
                </Text>
                <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {JSON.stringify(parts[part], null, 2)}
                </Code>
              </div>
            ),
        )}
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ path: `/audit/${id}/proof` })}
          >
            {t('auditLog.prove')}
          </Button>
        </Group>
        {change.data && <Proof task={change.data.id} id={id} />}
      </Stack>
      <Command text={command} />
    </Panel>
  );
}

function Proof({ task, id }: { task: string; id: string }) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const { data } = useOperatorQuery<OperatorTaskAnswer>('tasks', `/tasks/${task}`);
  if (!data || data.state === 'running')
    return (
      <Text size="sm" role="status">
        {t('auditLog.proving')}
      </Text>
    );
  if (!data.result)
    return (
      <Text size="sm" role="alert">
        {data.error && sayFailure(data.error)}
      </Text>
    );
  const text = JSON.stringify(data.result.proof, null, 2);
  return (
    <Group gap="sm" role="status">
      <Text size="sm">{t('auditLog.proved')}</Text>
      <Button
        component="a"
        size="compact-sm"
        variant="light"
        download={`proof-${id}.json`}
        href={`data:application/json;charset=utf-8,${encodeURIComponent(text)}`}
      >
        {t('auditLog.download')}
      </Button>
    </Group>
  );
}
