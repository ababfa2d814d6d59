import { Button, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { ArrowRightLeft, Layers } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedMoveAnswer } from '@/server/operator/moves/answers';
import type { ListedRolloutAnswer } from '@/server/operator/moves/rollouts';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { ScreenTabs } from '../../ui/ScreenTabs';
import { Command } from '../parts/Command';
import { PageButtons, usePages } from '../parts/Pages';
import { QueryView } from '../parts/QueryView';
import { useMay, useOperatorQuery } from '../queries';
import { MoveCard, RolloutCard } from './cards';
import { StartMove } from './StartMove';
import { StartRollout } from './StartRollout';

const PAGE = 50;

/** Moves of tenants between data sources, and rollouts of many of them. */
export function MovesScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const { tab = 'moves' } = useScreenSearch();
  const [isStarting, setStarting] = useState(false);
  const isRollouts = tab === 'rollouts';
  const close = () => setStarting(false);
  return (
    <>
      <PageHeader
        title={t('moves.title')}
        actions={
          may('moves.change') && (
            <Button onClick={() => setStarting(true)}>
              {t(isRollouts ? 'moves.rollouts.start' : 'moves.start')}
            </Button>
          )
        }
      />
      <ScreenTabs
        value={tab}
        tabs={['moves', 'rollouts'].map((key) => ({ key, label: t(`moves.tabs.${key}`) }))}
        onChoose={(value) =>
          void navigate({
            to: '.',
            search: { tab: value === 'moves' ? undefined : value },
            replace: true,
          } as never)
        }
      >
        {isRollouts ? <Rollouts /> : <Moves />}
      </ScreenTabs>
      <Command text={isRollouts ? 'marquee rollout status' : 'marquee move status'} />
      {isStarting && (isRollouts ? <StartRollout onClose={close} /> : <StartMove onClose={close} />)}
    </>
  );
}

function Moves() {
  const { t } = useTranslation();
  const pages = usePages();
  const query = useOperatorQuery<{ moves: ListedMoveAnswer[] }>('moves', '/moves', {
    parameters: { before: pages.before, limit: PAGE },
  });
  return (
    <QueryView query={query}>
      {({ moves }) =>
        moves.length === 0 && pages.before === undefined ? (
          <EmptyState icon={ArrowRightLeft} title={t('moves.empty')} text={t('moves.emptyText')} />
        ) : (
          <Stack gap="sm">
            {moves.map((move) => (
              <MoveCard key={move.id} move={move} />
            ))}
            <PageButtons pages={pages} rows={moves} size={PAGE} />
          </Stack>
        )
      }
    </QueryView>
  );
}

function Rollouts() {
  const { t } = useTranslation();
  const pages = usePages();
  const query = useOperatorQuery<{ rollouts: ListedRolloutAnswer[] }>('rollouts', '/rollouts', {
    parameters: { before: pages.before, limit: PAGE },
  });
  return (
    <QueryView query={query}>
      {({ rollouts }) =>
        rollouts.length === 0 && pages.before === undefined ? (
          <EmptyState icon={Layers} title={t('moves.rollouts.empty')} text={t('moves.rollouts.emptyText')} />
        ) : (
          <Stack gap="sm">
            {rollouts.map((rollout) => (
              <RolloutCard key={rollout.id} rollout={rollout} />
            ))}
            <PageButtons pages={pages} rows={rollouts} size={PAGE} />
          </Stack>
        )
      }
    </QueryView>
  );
}
