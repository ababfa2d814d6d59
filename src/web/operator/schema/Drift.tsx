import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SchemaDriftFound } from '@/server/operator/schema/drift';
import { Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useMay, useOperatorQuery } from '../queries';
import { Differences } from './Differences';

/** What the nightly look found, and what differs in one database. */
export function Drift() {
  const { t } = useTranslation();
  const may = useMay();
  const query = useOperatorQuery<SchemaDriftFound>('schema', '/schema-rollouts/drift');
  const [source, setSource] = useState('');
  const [looked, setLooked] = useState<string>();
  return (
    <Panel title={t('schema.drift.title')}>
      <QueryView query={query} lines={2}>
        {({ lookedAt, databases, drifted, unread }) => (
          <Stack gap="sm">
            <Text size="sm">
              {lookedAt ? (
                <>
                  {t('schema.drift.found', { count: drifted.length, of: databases })} <Ago at={lookedAt} />
                </>
              ) : (
                t('schema.drift.notYet')
              )}
            </Text>
            {may('service.migrate') && (
              <Group gap="xs">
                {[...drifted, ...unread].map((name) => (
                  <Button key={name} size="compact-xs" variant="default" onClick={() => setLooked(name)}>
                    {name}
                  </Button>
                ))}
                <form
                  onSubmit={(event) => {
                    event.preventDefault();
                    setLooked(source.trim() || undefined);
                  }}
                >
                  <Group gap="xs" align="end">
                    <TextInput
                      size="xs"
                      label={t('schema.source')}
                      value={source}
                      onChange={(event) => setSource(event.target.value)}
                    />
                    <Button size="xs" variant="default" type="submit">
                      {t('schema.drift.look')}
                    </Button>
                  </Group>
                </form>
              </Group>
            )}
          </Stack>
        )}
      </QueryView>
      {looked && <Differences source={looked} />}
      <Command text={`marquee migrate drift${looked ? ` ${looked}` : ''}`} />
    </Panel>
  );
}
