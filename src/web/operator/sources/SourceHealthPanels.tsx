import { Alert, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SourceHealthHistory } from '@/server/operator/health/health';
import { Facts } from '../../ui/Facts';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { HEALTH_TONES } from './source-health';

const EVERY_MS = 10_000;

/** Findings of the health monitor, the last measurements (pools, waiting, replica lag), and how the health has changed. */
export function SourceHealthPanels({ source }: { source: string }) {
  const { t } = useTranslation();
  const say = useMessage();
  const query = useOperatorQuery<SourceHealthHistory>('health', `/health/${source}`, { everyMs: EVERY_MS });
  return (
    <QueryView query={query}>
      {({ state, probedAt, findings, measures, changes }) => (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          {state === 'unknown' && probedAt && (
            <Alert color="yellow" role="status" style={{ gridColumn: '1 / -1' }}>
              {t('sources.page.notProbed')} <Ago at={probedAt} />
            </Alert>
          )}
          <Stack gap="md">
            <Panel title={t('sources.page.findings')}>
              {findings.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t(probedAt ? 'sources.page.noFindings' : 'sources.page.neverProbed')}
                </Text>
              )}
              <Stack gap="sm">
                {findings.map(({ cause, level, title, evidence, nextStep, said }) => (
                  <div key={cause}>
                    <State tone={HEALTH_TONES[level]}>{say({ code: `causes.${cause}.title` }, title)}</State>
                    <Text size="sm" mt={4}>
                      {say(said, evidence)}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {t('sources.page.step')}: {say({ code: `causes.${cause}.nextStep` }, nextStep)}
                    </Text>
                  </div>
                ))}
              </Stack>
            </Panel>
            <Panel title={t('sources.page.history')}>
              {changes.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t('sources.page.noHistory')}
                </Text>
              )}
              {changes.slice(0, 12).map(({ at, to, cause, title }) => (
                <Group key={at} justify="space-between" wrap="nowrap" py={3}>
                  <Group gap={6}>
                    <State tone={HEALTH_TONES[to]}>{t(`sources.health.${to}`)}</State>
                    <Text size="sm">{title && say({ code: `causes.${cause}.title` }, title)}</Text>
                  </Group>
                  <Text size="xs" c="dimmed">
                    <Ago at={at} />
                  </Text>
                </Group>
              ))}
            </Panel>
          </Stack>
          <Measures measures={measures} />
        </SimpleGrid>
      )}
    </QueryView>
  );
}

function Measures({ measures }: { measures: Record<string, number> }) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  return (
    <Panel title={t('sources.page.measures')}>
      <Facts
        facts={Object.entries(measures).map(([name, value]) => [
          t(`sourceHealth.named.${name}`, { defaultValue: name }),
          format.measure(name, value),
        ])}
      />
    </Panel>
  );
}
