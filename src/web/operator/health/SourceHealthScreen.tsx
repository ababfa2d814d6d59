import { Alert, Select, Stack, Table, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourceHealthHistory } from '@/server/operator/health/health';
import { PageHeader } from '../../ui/PageHeader';
import { Lines, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { HealthState } from './HealthState';

const History = lazy(() => import('./History'));
const HOURS = ['1', '6', '24', '168', '720'] as const;

/** One data source: what is wrong and what to do next, its measures, and how they went. */
export function SourceHealthScreen() {
  const { t } = useTranslation();
  const say = useMessage();
  const format = useConsoleFormat();
  const { source } = useParams({ strict: false }) as { source: string };
  const [hours, setHours] = useState<string>('6');
  /** Probes of a later version have measures that this page has no words for. */
  const named = (name: string) => t(`sourceHealth.named.${name}`, { defaultValue: name });
  const [measure, setMeasure] = useState<string | null>(null);
  const query = useOperatorQuery<SourceHealthHistory>('health', `/health/${encodeURIComponent(source)}`, {
    parameters: { hours },
    everyMs: 10_000,
  });
  return (
    <>
      <PageHeader title={source} back={{ to: '/health', label: t('sourceHealth.title') }} />
      <QueryView query={query}>
        {({ state, since, findings, measures, facts, changes, samples }) => {
          const names = Object.keys(samples.at(-1)?.measures ?? measures);
          const shown = measure && names.includes(measure) ? measure : names[0];
          return (
            <Stack gap="lg">
              <Text>
                <HealthState state={state} /> {state !== 'unknown' && <Ago at={since} />}
              </Text>
              {findings.map(({ cause, level, title, evidence, nextStep, said }) => (
                <Alert
                  key={cause}
                  color={level === 'unhealthy' ? 'red' : 'yellow'}
                  title={say({ code: `causes.${cause}.title` }, title)}
                >
                  <Text size="sm">{say(said, evidence)}</Text>
                  <Text size="sm" fw={550}>
                    {say({ code: `causes.${cause}.nextStep` }, nextStep)}
                  </Text>
                </Alert>
              ))}
              <Panel
                title={t('sourceHealth.history')}
                aside={
                  <Select
                    size="xs"
                    w={130}
                    allowDeselect={false}
                    aria-label={t('sourceHealth.span')}
                    data={HOURS.map((value) => ({ value, label: t(`sourceHealth.spans.${value}`) }))}
                    value={hours}
                    onChange={(value) => setHours(value ?? '6')}
                  />
                }
              >
                {shown && samples.length > 0 ? (
                  <Stack gap="sm">
                    <Select
                      label={t('sourceHealth.measure')}
                      searchable
                      allowDeselect={false}
                      data={names.map((value) => ({ value, label: named(value) }))}
                      value={shown}
                      onChange={setMeasure}
                    />
                    <Suspense fallback={<Lines count={6} />}>
                      <History samples={samples} measure={shown} label={named(shown)} />
                    </Suspense>
                  </Stack>
                ) : (
                  <Text size="sm">{t('sourceHealth.noHistory')}</Text>
                )}
              </Panel>
              <Panel title={t('sourceHealth.measures')}>
                <Table fz="sm" aria-label={t('sourceHealth.measures')}>
                  <Table.Tbody>
                    {Object.entries({ ...measures, ...facts }).map(([name, value]) => (
                      <Table.Tr key={name}>
                        <Table.Td>{named(name)}</Table.Td>
                        <Table.Td ta="right" style={{ overflowWrap: 'anywhere' }}>
                          {typeof value === 'number' ? format.measure(name, value) : value}
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Panel>
              <Panel title={t('sourceHealth.changes')}>
                <Rows
                  label={t('sourceHealth.changes')}
                  rows={changes}
                  keyOf={({ at }) => at}
                  empty={<Text size="sm">{t('sourceHealth.noChanges')}</Text>}
                  columns={[
                    { label: t('sourceHealth.when'), nowrap: true, cell: ({ at }) => format.second(at) },
                    { label: t('sourceHealth.state'), cell: ({ to }) => <HealthState state={to} /> },
                    {
                      label: t('sourceHealth.cause'),
                      cell: ({ cause, title, evidence, said }) =>
                        title &&
                        `${say({ code: `causes.${cause}.title` }, title)}. ${say(said, evidence ?? '')}`,
                    },
                  ]}
                />
              </Panel>
            </Stack>
          );
        }}
      </QueryView>
      <Command text={`marquee health show ${source}`} />
    </>
  );
}
