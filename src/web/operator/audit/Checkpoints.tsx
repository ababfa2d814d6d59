import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditCheckpoints } from '@/server/operator/audit';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';

/** Whether the log is what was written: verification of the chain, and its signed checkpoints. */
export function Checkpoints() {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const may = useMay();
  const query = useOperatorQuery<AuditCheckpoints>('audit', '/audit/checkpoints');
  const change = useOperatorChange(['tasks', 'audit']);
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Button onClick={() => change.mutate({ path: '/audit/verify' })} loading={change.isPending}>
          {t('auditLog.verify')}
        </Button>
        {may('audit.sign') && (
          <Button
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ path: '/audit/checkpoints' })}
          >
            {t('auditLog.sign')}
          </Button>
        )}
      </Group>
      <Tasks kinds={['audit.verify']} result={(task) => <Verified task={task} />} />
      <Panel title={t('auditLog.checkpoints')}>
        <QueryView query={query}>
          {({ key, previousKeys, places, checkpoints }) => (
            <Stack gap="sm">
              {places.length === 0 && <Alert color="yellow">{t('auditLog.noPlace')}</Alert>}
              {places.length > 0 && (
                <Text size="sm">{t('auditLog.places', { places: places.join(', ') })}</Text>
              )}
              <Text size="sm" component="div">
                {t('auditLog.key')}{' '}
                {[key, ...previousKeys].map((one) => (
                  <Code key={one} style={{ overflowWrap: 'anywhere' }}>
                    {one}
                  </Code>
                ))}
              </Text>
              <Rows
                label={t('auditLog.checkpoints')}
                rows={checkpoints}
                keyOf={({ id }) => id}
                empty={<Text size="sm">{t('auditLog.noCheckpoints')}</Text>}
                columns={[
                  { label: t('auditLog.id'), cell: ({ id }) => id },
                  { label: t('auditLog.when'), nowrap: true, cell: ({ madeAt }) => <Ago at={madeAt} /> },
                  { label: t('auditLog.who'), cell: ({ by }) => by },
                  {
                    ...{ label: t('auditLog.covers'), align: 'right' },
                    cell: ({ size }) => (size === null ? '' : format.number(size)),
                  },
                ]}
              />
            </Stack>
          )}
        </QueryView>
      </Panel>
      <Command text="marquee audit verify" />
    </Stack>
  );
}

function Verified({ task: { result } }: { task: OperatorTaskAnswer }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  if (!result) return null;
  const problems = Number(result.problems);
  const findings = (result.findings ?? []) as { id: string; message: string }[];
  const login = (result.login ?? []) as string[];
  return (
    <>
      {problems === 0
        ? t('auditLog.unchanged', {
            records: format.number(Number(result.records)),
            checkpoints: result.checkpoints,
          })
        : t('auditLog.problems', { count: problems })}
      {!result.outside && ` ${t('auditLog.noneOutside')}`}
      {login.length > 0 && ` ${t('auditLog.login', { rights: login.join(', ') })}`}
      {findings.length > 0 && (
        <List size="sm" component="ul">
          {findings.map(({ id, message }) => (
            <List.Item key={`${id} ${message}`}>{message}</List.Item>
          ))}
        </List>
      )}
    </>
  );
}
