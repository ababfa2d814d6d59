import { SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SourceOperation } from '@/server/operator/sources/operation';
import { Facts } from '../../ui/Facts';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago, useNow } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State, type Tone } from '../parts/State';
import { useOperatorQuery } from '../queries';

const EVERY_MS = 10_000;
const REPLICA_TONES: Record<SourceOperation['replicas'][number]['state'], Tone> = {
  follows: 'good',
  promoted: 'bad',
  unreachable: 'bad',
};

/** A data source's connections and what waits for them, its failovers, and its replicas with their lag. */
export function Operation({ source }: { source: string }) {
  const query = useOperatorQuery<SourceOperation>('sources', `/data-sources/${source}/operation`, {
    everyMs: EVERY_MS,
  });
  return (
    <QueryView query={query} lines={3}>
      {(operation) => (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Connections operation={operation} />
          <Replicas replicas={operation.replicas} source={source} />
        </SimpleGrid>
      )}
    </QueryView>
  );
}

function Connections({ operation }: { operation: SourceOperation }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const now = useNow();
  const { pool, processes, failover, interruptions } = operation;
  return (
    <Panel title={t('sourceOperation.title')}>
      <Facts
        facts={[
          [
            t('sourceOperation.pool'),
            pool
              ? t('sourceOperation.poolText', {
                  ...{ inUse: format.number(pool.inUse), idle: format.number(pool.idle) },
                })
              : t('sourceOperation.notUsed'),
          ],
          [
            t('sourceOperation.waiting'),
            pool &&
              (pool.waiting > 0 ? (
                <State key="waiting" tone="warning">
                  {format.number(pool.waiting)}
                </State>
              ) : (
                format.number(0)
              )),
          ],
          [
            t('sourceOperation.failover'),
            failover
              ? t('sourceOperation.failoverSeen', {
                  ...{ timeline: failover.timeline, when: format.ago(failover.seenAt, now) },
                })
              : t('sourceOperation.noFailover'),
          ],
        ]}
      />
      <Text fw={600} size="sm" mt="sm">
        {t('sourceOperation.processes')}
      </Text>
      {processes.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('sourceOperation.noProcesses')}
        </Text>
      )}
      <Facts facts={processes.map(({ process, connections }) => [process, format.number(connections)])} />
      {interruptions.length > 0 && (
        <>
          <Text fw={600} size="sm" mt="sm">
            {t('sourceOperation.interruptions')}
          </Text>
          {interruptions.map(({ at, evidence }) => (
            <Text size="sm" key={at}>
              <Ago at={at} /> · {evidence}
            </Text>
          ))}
        </>
      )}
    </Panel>
  );
}

function Replicas({ replicas, source }: { replicas: SourceOperation['replicas']; source: string }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  return (
    <Panel title={t('sources.page.replicas')}>
      {replicas.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('sources.page.noReplicas')}
        </Text>
      )}
      <Facts
        facts={replicas.map(({ host, region, state, lagBytes }) => [
          region ? `${host} · ${region}` : host,
          <>
            <State tone={REPLICA_TONES[state]}>{t(`sourceOperation.replica.${state}`)}</State>{' '}
            {lagBytes !== null && `${t('sourceOperation.lag')}: ${format.bytes(lagBytes)}`}
          </>,
        ])}
      />
      <Command text={`marquee source replica list ${source}`} />
    </Panel>
  );
}
