import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorRequest } from '@/server/operator/tenants/requests';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { AcceptRequest } from './AcceptRequest';
import { RefuseRequest } from './RefuseRequest';
import { RequestOutcome } from './RequestOutcome';

const TONES: Record<OperatorRequest['state'], Tone> = {
  open: 'warning',
  done: 'good',
  declined: 'neutral',
  withdrawn: 'neutral',
};

/** What tenants' owners asked for, and its answer. */
export function RequestsScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const [which, setWhich] = useState('open');
  const [answering, setAnswering] = useState<{ how: 'accept' | 'refuse'; request: OperatorRequest }>();
  const query = useOperatorQuery<{ requests: OperatorRequest[] }>('requests', '/requests', {
    parameters: { open: which === 'open' },
  });
  const mayAccept = ({ kind }: OperatorRequest) =>
    may('tenants.change') && may(kind === 'export' ? 'backups.give_out' : 'data_sources.change');
  const close = () => setAnswering(undefined);
  return (
    <>
      <PageHeader
        title={t('requests.title')}
        subtitle={t('requests.text')}
        actions={
          <SegmentedControl
            aria-label={t('requests.show')}
            value={which}
            onChange={setWhich}
            data={['open', 'all'].map((value) => ({ value, label: t(`requests.${value}`) }))}
          />
        }
      />
      <Stack gap="lg">
        <Panel title={t('requests.title')} flush>
          <QueryView query={query}>
            {({ requests }) => (
              <Rows
                label={t('requests.title')}
                rows={requests}
                keyOf={({ id }) => id}
                empty={<EmptyState small icon={Inbox} title={t('requests.none')} />}
                columns={[
                  {
                    label: t('requests.tenant'),
                    cell: ({ tenant, tenantName }) => <LinkTo to={`/tenants/${tenant}`}>{tenantName}</LinkTo>,
                  },
                  {
                    label: t('requests.kind'),
                    cell: ({ kind, region }) =>
                      [t(`requests.kinds.${kind}`), region].filter(Boolean).join(' · '),
                  },
                  {
                    label: t('requests.state'),
                    cell: ({ state }) => <State tone={TONES[state]}>{t(`requests.states.${state}`)}</State>,
                  },
                  { ...{ label: t('requests.note'), isText: true }, cell: ({ note }) => note },
                  {
                    label: t('requests.asked'),
                    cell: ({ requestedByName, requestedAt }) => (
                      <Text size="sm">
                        {requestedByName} · <Ago at={requestedAt} />
                      </Text>
                    ),
                  },
                  {
                    label: which === 'open' ? t('requests.actions') : t('requests.answer'),
                    cell: (request) =>
                      request.state === 'open' ? (
                        may('tenants.change') && (
                          <Group gap="xs" wrap="nowrap">
                            {mayAccept(request) && (
                              <Button
                                size="compact-xs"
                                onClick={() => setAnswering({ how: 'accept', request })}
                              >
                                {t('requests.accept')}
                              </Button>
                            )}
                            <Button
                              size="compact-xs"
                              variant="default"
                              onClick={() => setAnswering({ how: 'refuse', request })}
                            >
                              {t('requests.refuse')}
                            </Button>
                          </Group>
                        )
                      ) : (
                        <Text size="sm">
                          {[request.answeredByName, request.answer].filter(Boolean).join(': ')}
                        </Text>
                      ),
                  },
                ]}
              />
            )}
          </QueryView>
        </Panel>
        <Tasks
          kinds={['requests.export', 'requests.own_database']}
          result={(task) => <RequestOutcome task={task} />}
        />
      </Stack>
      <Command text={`marquee request list${which === 'all' ? ' --all' : ''}`} />
      {answering?.how === 'accept' && <AcceptRequest request={answering.request} onClose={close} />}
      {answering?.how === 'refuse' && <RefuseRequest request={answering.request} onClose={close} />}
    </>
  );
}
