import { Button, Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSourcePage } from '@/server/operator/sources/sources';
import { Facts } from '../../ui/Facts';
import { ButtonTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { Logins } from '../source-operation/Logins';
import { Operation } from '../source-operation/Operation';
import { SchemaDrift } from '../source-operation/SchemaDrift';
import { useSourceTest } from './connection-test';
import { RemoveSource } from './RemoveSource';
import { SourceHealthPanels } from './SourceHealthPanels';
import { HEALTH_TONES } from './source-health';
import { TestFindings } from './TestFindings';

/** A data source: where it is, its health and measurements, replicas, failovers, logins. */
export function SourceScreen() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useOperatorQuery<OperatorSourcePage>('sources', `/data-sources/${id}`);
  return <QueryView query={query}>{(source) => <Page key={source.id} source={source} />}</QueryView>;
}

function Page({ source }: { source: OperatorSourcePage }) {
  const { t } = useTranslation();
  const test = useSourceTest(source.name);
  const may = useMay();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <>
      <PageHeader
        back={{ to: '/data-sources', label: t('sources.title') }}
        title={source.name}
        subtitle={`${t(`sources.kinds.${source.kind}`)} · ${t(`sources.status.${source.status}`)}`}
        badge={<State tone={HEALTH_TONES[source.health]}>{t(`sources.health.${source.health}`)}</State>}
        actions={
          <>
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
              {t('sources.page.test')}
            </Button>
            <ButtonTo to="/tenants" search={{ f: { source: source.name } }} variant="default">
              {t('sources.page.tenants')}
            </ButtonTo>
            {may('data_sources.change') && (
              <Button color="red" variant="light" onClick={() => setRemoving(true)}>
                {t('sources.remove.open')}
              </Button>
            )}
          </>
        }
      />
      <Stack gap="md">
        {test.data && (
          <Panel title={t('sources.page.tests')}>
            <Stack gap="md">
              {test.data.tests.map((one) => (
                <TestFindings
                  key={one.purpose}
                  test={one}
                  title={t(`sources.page.purposes.${one.purpose}`)}
                />
              ))}
            </Stack>
          </Panel>
        )}
        <About source={source} />
        <SourceHealthPanels source={source.name} />
        <Operation source={source.name} />
        <Logins source={source} />
        <SchemaDrift source={source.name} />
        <Command text={`marquee health ${source.name}`} />
      </Stack>
      {isRemoving && <RemoveSource source={source} onClose={() => setRemoving(false)} />}
    </>
  );
}

function About({ source }: { source: OperatorSourcePage }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const { tenants, capacity, connectionsUsed: used, connectionsLeft: left, schemaVersion } = source;
  const of = (some: number, all: number) =>
    t('sources.of', { used: format.number(some), all: format.number(all) });
  return (
    <Panel title={t('sources.page.about')}>
      <Facts
        facts={[
          [t('sources.columns.tenants'), capacity === null ? format.number(tenants) : of(tenants, capacity)],
          [t('sources.columns.connections'), used === null || left === null ? null : of(used, used + left)],
          [t('sources.page.budget'), format.number(source.connectionBudget)],
          [
            t('sources.columns.schemaVersion'),
            source.isBehind ? (
              <State key="schema" tone="warning">{`${schemaVersion} · ${t('sources.behind')}`}</State>
            ) : (
              schemaVersion
            ),
          ],
          [t('sources.columns.region'), source.region],
          [t('sources.page.server'), source.server],
          [t('sources.page.database'), source.database],
          [t('sources.page.version'), versionOf(source.serverVersion)],
          [t('sources.page.tls'), source.tls],
          [t('sources.page.networks'), source.networks ?? t('sources.page.anyNetwork')],
          [
            t('sources.page.timeline'),
            source.timeline === null ? null : `${source.timeline} (${t('sources.page.timelineHint')})`,
          ],
          [t('sources.page.notes'), source.notes],
        ]}
      />
    </Panel>
  );
}

/** 150004 → 15.4 */
function versionOf(number: number | null): string | null {
  return number === null ? null : `${Math.floor(number / 10_000)}.${number % 10_000}`;
}
