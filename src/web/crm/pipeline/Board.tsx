import {
  DragDropContext,
  Draggable,
  type DraggableProvided,
  Droppable,
  type DropResult,
} from '@hello-pangea/dnd';
import { Avatar, Badge, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Clock } from 'lucide-react';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/changes';
import { daysBetween, shiftDays, useFormat } from '../../hooks/format';
import { usePeople } from '../../hooks/people';
import { useRecords } from '../../hooks/records';
import { useMay } from '../../hooks/roles';
import { type Stage, useSettings } from '../../hooks/settings';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import classes from './Board.module.css';

/** Days that a closed opportunity stays on the board. */
const CLOSED_DAYS = 21;
const CARDS_A_COLUMN = 60;

interface Deal {
  id: string;
  name: string;
  stage: string;
  amount: number;
  stage_changed_at: string;
  expected_close_date: string | null;
  owner_id: string | null;
  is_stale: boolean;
  account: { name: string } | null;
}

const SELECT =
  'id,name,stage,amount,stage_changed_at,expected_close_date,owner_id,is_stale,account:accounts!opportunities_account_id_fkey(name)';

/** Kanban board of opportunities by stage. Cards are dragged by mouse, touch or keyboard (space, arrows, space). */
export function Board() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { settings } = useSettings();
  const { stages } = settings.pipeline;
  const save = useSaveRecord('opportunities');
  const open = useRecords<'opportunities', Deal>(
    'opportunities',
    { select: SELECT, filters: [['closed_at', 'is', null]], order: [['stage_changed_at', 'desc']] },
    { live: true },
  );
  const closed = useRecords<'opportunities', Deal>('opportunities', {
    select: SELECT,
    filters: [['closed_at', 'gte', shiftDays(format.today, -CLOSED_DAYS)]],
    order: [['closed_at', 'desc']],
    limit: 2 * CARDS_A_COLUMN,
  });
  const byStage = useMemo(() => {
    const all = new Map([...(open.data ?? []), ...(closed.data ?? [])].map((deal) => [deal.id, deal]));
    return Map.groupBy(all.values(), (deal) => deal.stage);
  }, [open.data, closed.data]);
  if (open.error) return <Failed error={open.error} retry={() => void open.refetch()} />;
  if (open.isPending || stages.length === 0) {
    return (
      <Panel>
        <Lines count={10} />
      </Panel>
    );
  }
  const drop = ({ draggableId: id, source, destination }: DropResult) => {
    if (!destination || destination.droppableId === source.droppableId) return;
    const stage = stages.find(({ key }) => key === destination.droppableId);
    const before = source.droppableId;
    const undo = () => save.mutate({ id, changes: { stage: before } });
    save.mutate(
      { id, changes: { stage: destination.droppableId } },
      { onSuccess: () => notifyDone(t('pipeline.moved', { stage: stage?.name }), undo) },
    );
  };
  return (
    <DragDropContext onDragEnd={drop}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container must be reachable by keyboard */}
      <section className={classes.board} aria-label={t('nav.pipeline')} tabIndex={0}>
        {stages.map((stage) => (
          <Column key={stage.key} stage={stage} deals={byStage.get(stage.key) ?? []} canMove={may('sales')} />
        ))}
      </section>
    </DragDropContext>
  );
}

/** Drag handle properties without the button role, since the card contains a link. */
function handleOf({ dragHandleProps }: DraggableProvided) {
  const { role: _, ...handle } = dragHandleProps ?? { role: '' };
  return handle;
}

function Column({ stage, deals, canMove }: { stage: Stage; deals: readonly Deal[]; canMove: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = deals.reduce((sum, deal) => sum + deal.amount, 0);
  const shown = deals.slice(0, CARDS_A_COLUMN);
  return (
    <div className={classes.column} data-kind={stage.kind}>
      <div className={classes.head}>
        <span className={classes.name}>{stage.name}</span>
        <Badge color="gray" variant="light" radius="xl" style={{ flex: 'none' }}>
          {deals.length}
        </Badge>
        <span className={classes.total}>{format.moneyRound(total)}</span>
      </div>
      <Droppable droppableId={stage.key}>
        {(drop, { isDraggingOver }) => (
          <div
            ref={drop.innerRef}
            {...drop.droppableProps}
            className={classes.cards}
            data-over={isDraggingOver || undefined}
          >
            {shown.map((deal, index) => (
              <Draggable key={deal.id} draggableId={deal.id} index={index} isDragDisabled={!canMove}>
                {(drag, { isDragging }) => (
                  <article
                    ref={drag.innerRef}
                    {...drag.draggableProps}
                    {...handleOf(drag)}
                    className={classes.card}
                    data-dragging={isDragging || undefined}
                    aria-label={deal.name}
                  >
                    <Card deal={deal} closed={stage.kind !== 'open'} />
                  </article>
                )}
              </Draggable>
            ))}
            {drop.placeholder}
            {deals.length > CARDS_A_COLUMN && (
              <Text size="sm" c="dimmed" ta="center">
                {t('pipeline.more', { count: deals.length - CARDS_A_COLUMN })}
              </Text>
            )}
          </div>
        )}
      </Droppable>
    </div>
  );
}

const Card = memo(function Card({ deal, closed }: { deal: Deal; closed: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const age = daysBetween(deal.stage_changed_at, format.today);
  const owner = nameOf(deal.owner_id);
  return (
    <>
      <Link to={`/opportunities/${deal.id}` as '/'} className={classes.title}>
        {deal.name}
      </Link>
      {deal.account && !deal.name.includes(deal.account.name) && (
        <span className={classes.account}>{deal.account.name}</span>
      )}
      <span className={classes.foot}>
        <b className="numeric">{format.moneyRound(deal.amount)}</b>
        {!closed && (
          <Tooltip label={t(deal.is_stale ? 'pipeline.stale' : 'pipeline.age', { count: Math.max(0, age) })}>
            <span className={classes.age} data-stale={deal.is_stale || undefined}>
              <Clock size={12} aria-hidden /> {t('pipeline.days', { count: Math.max(0, age) })}
            </span>
          </Tooltip>
        )}
        <span style={{ flex: 1 }} />
        {owner && (
          <Tooltip label={owner}>
            <Avatar name={owner} color="initials" size={22} radius="xl" alt={owner} />
          </Tooltip>
        )}
      </span>
    </>
  );
});
