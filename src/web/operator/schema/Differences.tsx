import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SchemaDriftAnswer } from '@/server/operator/schema/drift';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useOperatorChange, useOperatorQuery } from '../queries';

type Difference = SchemaDriftAnswer['differences'][number];

/** What one database’s schema lacks of its own version, has beside it, or has in another form. */
export function Differences({ source }: { source: string }) {
  const { t } = useTranslation();
  const query = useOperatorQuery<SchemaDriftAnswer>('schema', `/schema-rollouts/drift/${source}`);
  const change = useOperatorChange(['schema'], { showsFailure: true });
  const [isAccepting, setAccepting] = useState(false);
  return (
    <QueryView query={query}>
      {({ differences, reference }) => (
        <Stack gap="sm" mt="md">
          <Text size="sm" fw={600}>
            {t('schema.drift.differences', {
              count: differences.length,
              source,
              reference: reference || '–',
            })}
          </Text>
          <Rows
            label={t('schema.drift.title')}
            rows={differences}
            keyOf={({ kind, name }) => `${kind} ${name}`}
            empty={<State tone="good">{t('schema.drift.none')}</State>}
            columns={[
              {
                label: t('schema.drift.change'),
                cell: ({ change: how, harmful }: Difference) => (
                  <State tone={harmful ? 'bad' : 'neutral'}>{t(`schema.drift.${how}`)}</State>
                ),
              },
              { label: t('schema.drift.object'), cell: ({ kind, name }) => `${kind} ${name}` },
              {
                label: t('schema.drift.expected'),
                cell: ({ expected }) =>
                  expected && <Code style={{ overflowWrap: 'anywhere' }}>{expected}</Code>,
              },
              {
                label: t('schema.drift.is'),
                cell: ({ found }) => found && <Code style={{ overflowWrap: 'anywhere' }}>{found}</Code>,
              },
            ]}
          />
          {differences.length > 0 && (
            <Group>
              <Button size="compact-sm" variant="default" onClick={() => setAccepting(true)}>
                {t('schema.drift.accept')}
              </Button>
            </Group>
          )}
          {isAccepting && (
            <ConfirmByName
              title={t('schema.drift.accept')}
              name={source}
              consequences={[t('schema.drift.accepting'), t('schema.drift.acceptingAll')]}
              action={t('schema.drift.accept')}
              isPending={change.isPending}
              error={change.error}
              onClose={() => setAccepting(false)}
              onConfirm={() =>
                change.mutate(
                  { path: `/schema-rollouts/drift/${source}/accept`, body: { confirm: source } },
                  { onSuccess: () => setAccepting(false) },
                )
              }
            />
          )}
        </Stack>
      )}
    </QueryView>
  );
}
