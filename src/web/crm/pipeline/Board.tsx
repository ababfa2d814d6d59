import {
  DragDropContext,
  Draggable,
  type DraggableProvided,
  Droppable,
  type DropResult,
} from '@hello-pangea/dnd';
import { Avatar, Badge, Button } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { Clock } from 'lucide-react';
import { type MouseEvent, memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { type Stage, useSettings } from '../../hooks/company/settings';
import { useDealDays } from '../../hooks/dates/day-states';
import { daysBetween, formatIn, useFormat } from '../../hooks/format';
import { mountPoint } from '../../hooks/page/address';
import { useNearViewport } from '../../hooks/page/near-viewport';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useSaveRecord } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { DayStateBadge } from '../records/fields/DayState';
import classes from './Board.module.css';
import { BoardOptions } from './BoardOptions';
import { type BoardColumn, choiceOf, type Deal, useBoard } from './deals';

/** Cards drawn at first: a screenful. Cards that can be dragged are costly to draw. */
const DRAWN = 12;
const EMPTY: BoardColumn = { deals: [], count: 0, amounts: {} };

/** Kanban board of opportunities by stage. Cards are dragged by mouse, touch or keyboard (space, arrows, space). */
export function Board() {
  const { t } = useTranslation();
  const may = useMay();
  const router = useRouter();
  const { settings } = useSettings();
  const { stages } = settings.pipeline;
  const save = useSaveRecord('opportunities');
  const { board, columns, more, error, refetch } = useBoard(choiceOf(useScreenSearch()));
  if (error) return <Failed error={error} retry={refetch} />;
  if (!board || stages.length === 0) {
    return (
      <Panel>
        <Lines count={10} />
      </Panel>
    );
  }
  // One listener for all cards: each router link would subscribe to every change of the URL.
  const click = (event: MouseEvent<HTMLElement>) => {
    const to = (event.target as HTMLElement).closest<HTMLElement>('a[data-to]')?.dataset.to;
    if (!to || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (event.defaultPrevented) return;
    event.preventDefault();
    void router.navigate({ to: to as '/' });
  };
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
      <BoardOptions owners={board.owners} months={board.months} sources={board.sources} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: links fire click on keyboard activation */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container must be reachable by keyboard */}
      <section className={classes.board} aria-label={t('nav.pipeline')} tabIndex={0} onClick={click}>
        {stages.map((stage) => (
          <Column
            key={stage.key}
            stage={stage}
            column={columns.get(stage.key) ?? EMPTY}
            canMove={may('sales')}
            more={more}
          />
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

interface ColumnProperties {
  stage: Stage;
  column: BoardColumn;
  canMove: boolean;
  /** Loads further cards of a stage. */
  more: (stage: string) => void;
}

function Column({ stage, column: { deals, count, amounts }, canMove, more }: ColumnProperties) {
  const [drawn, setDrawn] = useState(DRAWN);
  const { t } = useTranslation();
  const format = useFormat();
  const { [format.currency]: own = 0, ...others } = amounts;
  const totals = [[format.currency, own] as const, ...Object.entries(others)].filter(
    ([, amount], index) => index === 0 || amount !== 0,
  );
  return (
    <div className={classes.column} data-kind={stage.kind}>
      <div className={classes.head}>
        <span className={classes.name}>{stage.name}</span>
        <Badge color="gray" variant="light" radius="xl" style={{ flex: 'none' }}>
          {format.number(count)}
        </Badge>
        <span className={classes.total}>
          {totals.map(([currency, amount]) => formatIn(format, currency).moneyRound(amount)).join(' + ')}
        </span>
      </div>
      <Droppable droppableId={stage.key}>
        {(drop, { isDraggingOver }) => (
          <div
            ref={drop.innerRef}
            {...drop.droppableProps}
            className={classes.cards}
            data-over={isDraggingOver || undefined}
          >
            {deals.slice(0, drawn).map((deal, index) => (
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
            {drawn < deals.length && <End key={drawn} onReached={() => setDrawn(drawn + DRAWN)} />}
            {drawn >= deals.length && count > deals.length && (
              <Button
                variant="subtle"
                size="compact-sm"
                style={{ flex: 'none' }}
                onClick={() => more(stage.key)}
              >
                {t('pipeline.more', { count: count - deals.length })}
              </Button>
            )}
          </div>
        )}
      </Droppable>
    </div>
  );
}

interface CardProperties {
  deal: Deal;
  closed: boolean;
}

const Card = memo(function Card({ deal, closed }: CardProperties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const age = daysBetween(deal.stage_changed_at, format.today);
  const owner = nameOf(deal.owner_id);
  const date = deal.event_date;
  const to = `/opportunities/${deal.id}`;
  return (
    <>
      <a href={`${mountPoint}${to}`} data-to={to} className={classes.title}>
        {deal.name}
      </a>
      {deal.account && !deal.name.includes(deal.account) && (
        <span className={classes.account}>{deal.account}</span>
      )}
      {date && (
        <span className={classes.day}>
          {format.dayInYear(date)}
          {date >= format.today && <DealDay id={deal.id} date={date} />}
        </span>
      )}
      <span className={classes.foot}>
        <b className="numeric">{formatIn(format, deal.currency).moneyRound(deal.amount)}</b>
        {!closed && (
          <span
            className={classes.age}
            data-stale={deal.is_stale || undefined}
            title={t(deal.is_stale ? 'pipeline.stale' : 'pipeline.age', { count: Math.max(0, age) })}
          >
            <Clock size={12} aria-hidden /> {t('pipeline.days', { count: Math.max(0, age) })}
          </span>
        )}
        <span style={{ flex: 1 }} />
        {owner && <Avatar name={owner} color="initials" size={22} radius="xl" alt={owner} title={owner} />}
      </span>
    </>
  );
});

/** Whether a deal's date is free. Asked for cards near the visible part only. */
function DealDay({ id, date }: { id: string; date: string }) {
  const place = useRef<HTMLSpanElement>(null);
  return <span ref={place}>{useNearViewport(place) && <DayState id={id} date={date} />}</span>;
}

function DayState({ id, date }: { id: string; date: string }) {
  const state = useDealDays(id).data?.find(({ event_date }) => event_date === date);
  return state && <DayStateBadge {...state} />;
}

/** Draws further cards once the end of those that are drawn is scrolled to. */
function End({ onReached }: { onReached: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const isNear = useNearViewport(place);
  useEffect(() => {
    if (isNear) onReached();
  }, [isNear, onReached]);
  return <div ref={place} style={{ flex: 'none', height: 40 }} />;
}
