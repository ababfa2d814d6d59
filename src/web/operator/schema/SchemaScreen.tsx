import { Button, Group, Stack } from '@mantine/core';
import { DatabaseZap } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SchemaRolloutAnswer } from '@/server/operator/schema/rollouts';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { Drift } from './Drift';
import { PlanRollout } from './PlanRollout';
import { Rollout } from './Rollout';
import { STEP_TONES } from './step-tones';

/** The open schema rollout, or the plan of the next one; drift of each database; former rollouts. */
export function SchemaScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const [isPlanning, setPlanning] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const query = useOperatorQuery<{ rollouts: SchemaRolloutAnswer[] }>('schema', '/schema-rollouts');
  return (
    <>
      <PageHeader
        title={t('schema.title')}
        subtitle={t('schema.subtitle')}
        actions={
          may('service.migrate') && (
            <Button onClick={() => setPlanning(true)} disabled={isPlanning}>
              {t('schema.plan')}
            </Button>
          )
        }
      />
      <Stack gap="lg">
        {isPlanning && <PlanRollout onClose={() => setPlanning(false)} />}
        <QueryView query={query}>
          {({ rollouts }) => {
            const shown = chosen ?? rollouts[0]?.id;
            return (
              <>
                {shown ? (
                  <Rollout key={shown} id={shown} />
                ) : (
                  <EmptyState icon={DatabaseZap} title={t('schema.none')} text={t('schema.noneText')} />
                )}
                {rollouts.length > 1 && (
                  <Panel title={t('schema.former')} flush>
                    <Rows
                      label={t('schema.former')}
                      rows={rollouts}
                      keyOf={({ id }) => id}
                      empty={null}
                      columns={[
                        {
                          label: t('schema.version'),
                          cell: ({ id, toVersion }: SchemaRolloutAnswer) => (
                            <Button size="compact-xs" variant="subtle" onClick={() => setChosen(id)}>
                              {toVersion}
                            </Button>
                          ),
                        },
                        {
                          label: t('schema.state'),
                          cell: ({ step }) => (
                            <State tone={STEP_TONES[step]}>{t(`schema.steps.${step}`)}</State>
                          ),
                        },
                        { label: t('schema.by'), cell: ({ requestedByName }) => requestedByName },
                        { label: t('schema.when'), cell: ({ createdAt }) => <Ago at={createdAt} /> },
                      ]}
                    />
                  </Panel>
                )}
              </>
            );
          }}
        </QueryView>
        <Drift />
      </Stack>
      <Group>
        <Command text="marquee migrate status" />
      </Group>
    </>
  );
}
