import { Group, SimpleGrid, Text, ThemeIcon } from '@mantine/core';
import { Check, Minus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../hooks/records/functions';
import { Lines, Panel } from '../../ui/Panel';
import type { RecordOf } from '../records/entity';
import { Readiness } from '../today/AtRisk';

const FACTS = ['signed', 'designed', 'staffed', 'packed', 'paid', 'briefed'] as const;

/** The readiness score of an event, with the facts behind it. */
export function EventReadiness({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const { data, isPending } = useAnswer('event_readiness', { for_event: event.id });
  const readiness = data?.[0];
  if (!isPending && !readiness) return null;
  return (
    <Panel title={t('events.readiness.title')}>
      {readiness ? (
        <Group gap="xl" align="center">
          <Readiness score={readiness.score} size={84} />
          <div style={{ flex: '1 1 260px' }}>
            <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="xs" verticalSpacing={8}>
              {FACTS.map((fact) => (
                <Group key={fact} gap={8} wrap="nowrap">
                  <ThemeIcon size={20} radius="xl" variant="light" color={readiness[fact] ? 'green' : 'gray'}>
                    {readiness[fact] ? <Check size={12} /> : <Minus size={12} />}
                  </ThemeIcon>
                  <Text size="sm" c={readiness[fact] ? undefined : 'dimmed'}>
                    {t(`events.readiness.${fact}`)}
                    <span hidden>{readiness[fact] ? t('yes') : t('no')}</span>
                  </Text>
                </Group>
              ))}
            </SimpleGrid>
            {readiness.next_fix && (
              <Text size="sm" mt="sm">
                <b>{t('events.readiness.next')}</b> {t(`fix.${readiness.next_fix}`, readiness.next_fix)}
              </Text>
            )}
          </div>
        </Group>
      ) : (
        <Lines count={2} />
      )}
    </Panel>
  );
}
