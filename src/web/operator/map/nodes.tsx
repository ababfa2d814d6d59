// The nodes of the map. Plain markup: a group shows dozens of them at once, and components for each text and button took longer.
import { Button } from '@mantine/core';
import type { NodeProps, NodeTypes } from '@xyflow/react';
import { ChevronDown, ChevronRight, Database, List, Server } from 'lucide-react';
import { memo, use, useRef, useState } from 'react';
import { useWords } from '../../i18n/use-words';
import { useConsoleFormat } from '../format';
import { State, type Tone } from '../parts/State';
import { useMessage } from '../server-messages/use-message';
import { COLORS, type MapNode, type MapSource } from './layout';
import classes from './Map.module.css';
import { MapActions, TENANT } from './map-actions';
import { TenantChip } from './TenantChip';

type NodeOf<Type extends MapNode['type']> = Extract<MapNode, { type?: Type }>;

const TONES: Record<MapSource['state'], Tone> = {
  healthy: 'good',
  degraded: 'warning',
  unhealthy: 'bad',
  unknown: 'neutral',
};
/** Tenants that a source shows by name; with more it shows their number. */
const FEW = 6;
const WORST_FIRST: MapSource['state'][] = ['unhealthy', 'degraded', 'unknown', 'healthy'];
/** With the ring of the keyboard's focus that other buttons have. */
const BUTTON = `${classes.button} mantine-focus-auto`;
/** A tenant that is held over a closed group for so long opens it. */
const OPENS_AFTER_MS = 600;

const OwnNode = memo(function OwnNode({ data }: NodeProps<NodeOf<'own'>>) {
  const { t } = useWords();
  const { which, isReachable } = data;
  const Icon = which === 'application' ? Database : Server;
  return (
    <div className={classes.own}>
      <Icon size={18} aria-hidden />
      <div>
        <div className={classes.name}>{t(`map.${which}`)}</div>
        <div className={classes.facts}>{t(isReachable ? `map.${which}Text` : 'map.unreachable')}</div>
      </div>
    </div>
  );
});

const GroupNode = memo(function GroupNode({ data }: NodeProps<NodeOf<'box'>>) {
  const { t } = useWords();
  const { toggle, nameOfGroup, mayMove } = use(MapActions);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { name, states, tenants, isOpen } = data;
  const title = nameOfGroup(name);
  const count = Object.values(states).reduce((sum, one) => sum + one, 0);
  const waits = () => clearTimeout(timer.current);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dragged over a closed group opens it, as its button does
    <div
      className={classes.group}
      onDragEnter={(event) => {
        waits();
        if (mayMove && !isOpen && event.dataTransfer.types.includes(TENANT))
          timer.current = setTimeout(() => toggle(name), OPENS_AFTER_MS);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Element | null)) waits();
      }}
      onDrop={waits}
    >
      <div className={classes.line}>
        <button
          type="button"
          className={BUTTON}
          aria-expanded={isOpen}
          aria-label={t(isOpen ? 'map.collapse' : 'map.expand', { group: title })}
          onClick={() => toggle(name)}
        >
          {isOpen ? <ChevronDown size={16} /> : <ChevronRight size={16} />}
        </button>
        <span className={classes.name}>{title}</span>
        <span className={classes.facts}>
          {[t('map.sources', { count }), tenants !== null && t('map.tenants', { count: tenants })]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      <div className={classes.states} aria-hidden>
        {WORST_FIRST.map((state) => (
          <span key={state} style={{ flexGrow: states[state], background: COLORS[state] }} />
        ))}
      </div>
      <div className={classes.facts}>
        {WORST_FIRST.filter((state) => states[state] > 0)
          .map((state) => t(`map.inState.${state}`, { count: states[state] }))
          .join(' · ')}
      </div>
    </div>
  );
});

/** Stands for the sources of a group that are not shown. */
const MoreNode = memo(function MoreNode({ data: { group, count } }: NodeProps<NodeOf<'more'>>) {
  const { t } = useWords();
  const { showMore } = use(MapActions);
  return (
    <div className={classes.more}>
      <Button variant="subtle" size="compact-sm" onClick={() => showMore(group)}>
        {t('map.more', { count })}
      </Button>
    </div>
  );
});

const SourceNode = memo(function SourceNode({ data: source }: NodeProps<NodeOf<'source'>>) {
  const { t } = useWords();
  const say = useMessage();
  const { number, bytes } = useConsoleFormat();
  const { tenantsAt, open, drop, mayMove } = use(MapActions);
  const [isOver, setOver] = useState(false);
  const {
    name,
    state,
    cause,
    causeName,
    tenants,
    capacity,
    transactionsPerSecond,
    replicas,
    lagBytes,
    isFound,
  } = source;
  const why = cause && say(causeName ? { code: `causes.${causeName}.title` } : undefined, cause);
  const known = tenantsAt.get(name);
  const facts = [
    tenants !== null &&
      (capacity === null
        ? t('map.tenants', { count: tenants })
        : t('map.ofCapacity', { count: tenants, capacity })),
    transactionsPerSecond !== null && t('map.perSecond', { rate: number(transactionsPerSecond) }),
    replicas.length > 0 && t('map.replicas', { count: replicas.length }),
    lagBytes !== null && replicas.length > 0 && t('map.lag', { lag: bytes(lagBytes) }),
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a keyboard way: the menu of each tenant
    <div
      className={classes.source}
      data-state={state}
      data-over={isOver || undefined}
      data-found={isFound || undefined}
      data-source={name}
      onDragOver={(event) => {
        if (!mayMove || !event.dataTransfer.types.includes(TENANT)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        drop(event.dataTransfer.getData(TENANT), name);
      }}
    >
      <div className={classes.line}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        <State tone={TONES[state]}>{t(`map.states.${state}`)}</State>
        {tenants !== 0 && (
          <button
            type="button"
            className={BUTTON}
            aria-label={t('map.open', { source: name })}
            onClick={() => open(name)}
          >
            <List size={14} />
          </button>
        )}
      </div>
      <div className={`${classes.facts} ${classes.two}`}>{facts.filter(Boolean).join(' · ')}</div>
      {why && state !== 'healthy' && (
        <div className={classes.why} title={why}>
          {why}
        </div>
      )}
      {known && known.length <= FEW && (
        <div className={classes.chips}>
          {known.map((tenant) => (
            <TenantChip key={tenant.id} tenant={tenant} />
          ))}
        </div>
      )}
    </div>
  );
});

export const nodeTypes: NodeTypes = {
  own: OwnNode,
  box: GroupNode,
  source: SourceNode,
  more: MoreNode,
};
