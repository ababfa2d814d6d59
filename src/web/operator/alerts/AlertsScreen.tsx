import { Button, Group, Modal, Stack, Switch, Text, Textarea } from '@mantine/core';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertAnswer } from '@/server/operator/alerts';
import { DialogActions } from '../../ui/DialogActions';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { AddressTabs } from '../parts/AddressTabs';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { PageButtons, usePages } from '../parts/Pages';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { AlertRules } from './AlertRules';
import { SEVERITIES } from './severities';

/** Open and acknowledged alerts, and the rules that raise them. */
export function AlertsScreen() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('alerts.title')} />
      <AddressTabs
        tabs={[
          { key: 'open', label: t('alerts.list'), content: <AlertList /> },
          { key: 'rules', label: t('alerts.rules.title'), content: <AlertRules /> },
        ]}
      />
    </>
  );
}

/** As whom the server acknowledges an alert whose condition is over. */
const ENDED_BY_ITSELF = 'system:recovered';

const PAGE = 50;

interface Listed {
  alerts: AlertAnswer[];
  channels: string[];
}

function AlertList() {
  const { t } = useTranslation();
  const may = useMay();
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<AlertAnswer>();
  const pages = usePages();
  const query = useOperatorQuery<Listed>('alerts', '/alerts', {
    parameters: { all, before: pages.before, limit: PAGE },
  });
  const test = useOperatorChange<{ results: { channel: string; problem: string | null }[] }>(['alerts']);
  return (
    <>
      <Group mb="md" justify="space-between">
        <Switch
          label={t('alerts.all')}
          checked={all}
          onChange={(event) => {
            setAll(event.currentTarget.checked);
            pages.first();
          }}
        />
        {may('alerts.change') && (
          <Button
            variant="default"
            size="compact-sm"
            loading={test.isPending}
            onClick={() => test.mutate({ path: '/alerts/test' })}
          >
            {t('alerts.test')}
          </Button>
        )}
      </Group>
      {test.data && (
        <Group mb="md" role="status" gap="xs">
          {test.data.results.map(({ channel, problem }) => (
            <State key={channel} tone={problem ? 'bad' : 'good'}>
              {problem ? `${channel}: ${problem}` : t('alerts.sentBy', { channel })}
            </State>
          ))}
        </Group>
      )}
      <QueryView query={query}>
        {({ alerts, channels }) => (
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {channels.length > 1
                ? t('alerts.channels', { channels: channels.join(', ') })
                : t('alerts.onlyLogged')}
            </Text>
            {alerts.length === 0 && <EmptyState icon={BellOff} title={t('alerts.none')} />}
            {alerts.map((alert) => (
              <One key={alert.id} alert={alert} onAcknowledge={() => setChosen(alert)} />
            ))}
            <PageButtons pages={pages} rows={alerts} size={PAGE} />
          </Stack>
        )}
      </QueryView>
      <Command text={all ? 'marquee alerts list --all' : 'marquee alerts list'} />
      {chosen && <Acknowledge alert={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function One({ alert, onAcknowledge }: { alert: AlertAnswer; onAcknowledge: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const say = useMessage();
  const { severity, title, says, rule, occurrences, raisedAt, lastSeenAt, deliveries, recordId } = alert;
  return (
    <Panel>
      <Group justify="space-between" align="start" gap="sm">
        <Stack gap={4} flex="1 1 240px" miw={0}>
          <Group gap="xs">
            <State tone={SEVERITIES[severity]}>{t(`alerts.severities.${severity}`)}</State>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {say(says, title)}
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            {rule} · <Ago at={raisedAt} />
            {occurrences > 1 && (
              <>
                {' '}
                · {t('alerts.times', { count: occurrences })} <Ago at={lastSeenAt} />
              </>
            )}
            {recordId && ` · ${t('alerts.record', { id: recordId })}`}
          </Text>
          {deliveries.length > 0 && (
            <Text size="xs" c="dimmed">
              {deliveries
                .map(({ channel, deliveredAt, lastError, attempts }) =>
                  deliveredAt
                    ? t('alerts.delivered', { channel })
                    : t('alerts.waits', { channel, attempts, error: lastError ?? '' }),
                )
                .join(' · ')}
            </Text>
          )}
          {alert.acknowledgedAt && (
            <Text size="sm">
              {alert.acknowledgedBy === ENDED_BY_ITSELF
                ? t('alerts.endedByItself')
                : t('alerts.acknowledgedBy', { name: alert.acknowledgedByName })}{' '}
              <Ago at={alert.acknowledgedAt} />
              {alert.note && `: ${say(alert.noteSays, alert.note)}`}
            </Text>
          )}
        </Stack>
        {!alert.acknowledgedAt && may('alerts.acknowledge') && (
          <Button size="compact-sm" variant="default" onClick={onAcknowledge}>
            {t('alerts.acknowledge')}
          </Button>
        )}
      </Group>
    </Panel>
  );
}

function Acknowledge({ alert, onClose }: { alert: AlertAnswer; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useMessage();
  const [note, setNote] = useState('');
  const change = useOperatorChange(['alerts']);
  return (
    <Modal opened onClose={onClose} title={t('alerts.acknowledge')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ path: `/alerts/${alert.id}/acknowledge`, body: { note } }, { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{say(alert.says, alert.title)}</Text>
          <Textarea
            label={t('alerts.note')}
            description={t('alerts.noteText')}
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <DialogActions label={t('alerts.acknowledge')} onCancel={onClose} isPending={change.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
