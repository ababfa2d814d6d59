import { ActionIcon, Box, Button, Group, Text } from '@mantine/core';
import { Handle, type NodeProps, type NodeTypes, Position } from '@xyflow/react';
import { ChevronDown, ChevronRight, Database, List, Server } from 'lucide-react';
import { memo, type ReactNode, use, useRef, useState } from 'react';
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
/** A tenant that is held over a closed group for so long opens it. */
const OPENS_AFTER_MS = 600;

function Handles({ out = Position.Right, into = Position.Left }) {
  const shared = { isConnectable: false, className: classes.handle };
  return (
    <>
      <Handle id="in" type="target" position={into} {...shared} />
      <Handle id="move" type="target" position={Position.Left} {...shared} />
      <Handle id="out" type="source" position={out} {...shared} />
    </>
  );
}

const OwnNode = memo(function OwnNode({ data }: NodeProps<NodeOf<'own'>>) {
  const { t } = useWords();
  const { which, isReachable, isNarrow } = data;
  const Icon = which === 'application' ? Database : Server;
  return (
    <Box className={classes.own}>
      <Handles {...(isNarrow ? { out: Position.Left } : {})} />
      <Group gap="xs" wrap="nowrap">
        <Icon size={18} aria-hidden />
        <div>
          <Text size="sm" fw={600}>
            {t(`map.${which}`)}
          </Text>
          <Text size="xs" c="dimmed">
            {t(isReachable ? `map.${which}Text` : 'map.unreachable')}
          </Text>
        </div>
      </Group>
    </Box>
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
      <Handles />
      <Group gap={4} wrap="nowrap">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={isOpen}
          aria-label={t(isOpen ? 'map.collapse' : 'map.expand', { group: title })}
          onClick={() => toggle(name)}
        >
          {isOpen ? <ChevronDown size={16} /> : <ChevronRight size={16} />}
        </ActionIcon>
        <Text fw={600} size="sm" truncate>
          {title}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {t('map.sources', { count })} · {t('map.tenants', { count: tenants })}
        </Text>
      </Group>
      <div className={classes.states} aria-hidden>
        {WORST_FIRST.map((state) => (
          <span key={state} style={{ flexGrow: states[state], background: COLORS[state] }} />
        ))}
      </div>
      <Text size="xs" c="dimmed" truncate>
        {WORST_FIRST.filter((state) => states[state] > 0)
          .map((state) => t(`map.inState.${state}`, { count: states[state] }))
          .join(' · ')}
      </Text>
    </div>
  );
});

/** In the place of the sources of a group that are not shown. */
const MoreNode = memo(function MoreNode({ data: { group, count } }: NodeProps<NodeOf<'more'>>) {
  const { t } = useWords();
  const { showMore } = use(MapActions);
  return (
    <Box className={classes.more}>
      <Button variant="subtle" size="compact-sm" onClick={() => showMore(group)}>
        {t('map.more', { count })}
      </Button>
    </Box>
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
  const facts: ReactNode[] = [
    capacity === null
      ? t('map.tenants', { count: tenants })
      : t('map.ofCapacity', { count: tenants, capacity }),
    transactionsPerSecond !== null && t('map.perSecond', { rate: number(transactionsPerSecond) }),
    replicas.length > 0 && t('map.replicas', { count: replicas.length }),
    lagBytes !== null && replicas.length > 0 && t('map.lag', { lag: bytes(lagBytes) }),
  ].filter(Boolean);
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
      <Handles into={Position.Top} />
      <Group justify="space-between" wrap="nowrap" gap={4}>
        <Text fw={600} size="sm" truncate title={name}>
          {name}
        </Text>
        <Group gap={2} wrap="nowrap">
          <State tone={TONES[state]}>{t(`map.states.${state}`)}</State>
          {tenants > 0 && (
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={t('map.open', { source: name })}
              onClick={() => open(name)}
            >
              <List size={14} />
            </ActionIcon>
          )}
        </Group>
      </Group>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {facts.map((fact, at) => (at > 0 ? ` · ${fact}` : fact))}
      </Text>
      {why && state !== 'healthy' && (
        <Text size="xs" truncate title={why}>
          {why}
        </Text>
      )}
      {known && known.length <= FEW && (
        <Group gap={4} mt={6}>
          {known.map((tenant) => (
            <TenantChip key={tenant.id} tenant={tenant} />
          ))}
        </Group>
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
