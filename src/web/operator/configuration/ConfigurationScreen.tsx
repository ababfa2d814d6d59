import { Code, Stack, Text, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSettings } from '@/server/operator/settings';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';

type Setting = OperatorSettings['settings'][number];
type Service = OperatorSettings['services'][number];

const TONES: Record<Service['state'], Tone> = {
  ready: 'good',
  incomplete: 'warning',
  'not set up': 'neutral',
};

/** What is configured, and where; never a secret. Settings are variables of the environment, so that every process has the same. */
export function ConfigurationScreen() {
  const { t } = useTranslation();
  const say = useMessage();
  const [words, setWords] = useState('');
  const query = useOperatorQuery<OperatorSettings>('settings', '/settings');
  const wanted = words.trim().toUpperCase();
  return (
    <>
      <PageHeader title={t('configuration.title')} subtitle={t('configuration.subtitle')} />
      <QueryView query={query}>
        {({ settings, services }) => (
          <Stack gap="lg">
            <Panel title={t('configuration.services')}>
              <Rows
                label={t('configuration.services')}
                rows={services}
                keyOf={({ name }) => name}
                empty={null}
                columns={[
                  {
                    label: t('configuration.service'),
                    cell: ({ code, name }: Service) => say({ code: `services.${code}.name` }, name),
                  },
                  {
                    label: t('configuration.state'),
                    cell: ({ state }) => (
                      <State tone={TONES[state]}>
                        {t(`configuration.states.${state.replaceAll(' ', '_')}`)}
                      </State>
                    ),
                  },
                  {
                    ...{ label: t('configuration.without'), isText: true },
                    cell: ({ code, state, without }) =>
                      state !== 'ready' && say({ code: `services.${code}.without` }, without),
                  },
                  {
                    label: t('configuration.set'),
                    cell: ({ missing }) => missing.map((name) => <Code key={name}>{name} </Code>),
                  },
                ]}
              />
            </Panel>
            <Panel title={t('configuration.variables')}>
              <TextInput
                type="search"
                mb="sm"
                maw={320}
                leftSection={<Search size={15} />}
                aria-label={t('configuration.search')}
                placeholder={t('configuration.search')}
                value={words}
                onChange={(event) => setWords(event.target.value)}
              />
              <Rows
                label={t('configuration.variables')}
                rows={settings.filter(({ name }) => name.includes(wanted))}
                keyOf={({ name }) => name}
                empty={<Text size="sm">{t('nothingFound')}</Text>}
                columns={[
                  { label: t('configuration.variable'), cell: ({ name }: Setting) => <Code>{name}</Code> },
                  {
                    label: t('configuration.value'),
                    cell: ({ value, isSecret, from }) =>
                      isSecret && from !== 'unset' ? (
                        <Text size="sm" c="dimmed">
                          {t('configuration.hidden')}
                        </Text>
                      ) : (
                        <span style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>{value}</span>
                      ),
                  },
                  { label: t('configuration.from'), cell: ({ from }) => t(`configuration.sources.${from}`) },
                ]}
              />
            </Panel>
          </Stack>
        )}
      </QueryView>
      <Command text="marquee doctor" />
    </>
  );
}
