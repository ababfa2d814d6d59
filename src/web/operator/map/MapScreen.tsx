import '@xyflow/react/dist/style.css';
import { Group, SegmentedControl, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Controls, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import { type FocusEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FleetMapAnswer } from '@/server/operator/map';
import type { OperatorTenants } from '@/server/operator/tenants/tenants';
import { Deferred } from '../../ui/Deferred';
import { useFilled } from '../../ui/few-at-once';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { DemoTraffic } from '../demo/DemoTraffic';
import { StartMove } from '../moves/StartMove';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { SearchInput } from '../parts/SearchInput';
import { useMay, useOperatorQuery } from '../queries';
import { Lines } from './Lines';
import { type Grouping, keepUnchanged, layOut, type MapNode } from './layout';
import classes from './Map.module.css';
import { MapActions } from './map-actions';
import { nodeTypes } from './nodes';
import { SourcePanel } from './SourcePanel';

/** Small fleets show their tenants by name. */
const FEW_TENANTS = 200;
/** Sources of a group that are shown at first, and that are added each time. */
const SHOWN = 40;
const MOST_SHOWN = 300;
const MARGIN = 20;
const LARGEST_ZOOM = 1.2;
/** With more nodes only those in view are rendered; fewer are all reached with the keyboard. */
const MANY_NODES = 100;

/** What is shown of the fleet. */
interface View {
  by: Grouping;
  search: string;
  toggled: readonly string[];
  limit: number;
}

/** The whole fleet: own databases, data sources by region or kind, tenants, moves. */
export function MapScreen() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [view, setView] = useState<Omit<View, 'search'>>({ by: 'region', toggled: [], limit: SHOWN });
  const query = useOperatorQuery<FleetMapAnswer>('sources', '/map', {
    everyMs: 5_000,
    parameters: { ...view, search },
  });
  return (
    <Stack gap="md">
      <PageHeader title={t('map.title')} />
      <DemoTraffic />
      <Group gap="sm">
        <SearchInput label={t('map.search')} width={300} onSearch={setSearch} />
        <SegmentedControl
          aria-label={t('map.groupBy')}
          data={(['region', 'kind'] as const).map((value) => ({ value, label: t(`map.groups.${value}`) }))}
          value={view.by}
          onChange={(value) => setView({ by: value as Grouping, toggled: [], limit: SHOWN })}
        />
        <Text size="xs" c="dimmed">
          {t('map.legend')}
        </Text>
      </Group>
      <QueryView query={query}>
        {(fleet) => (
          <Deferred placeholder={<div className={classes.canvas} />}>
            <ReactFlowProvider>
              <FleetMap fleet={fleet} view={{ ...view, search }} setView={setView} />
            </ReactFlowProvider>
          </Deferred>
        )}
      </QueryView>
      <Command text="marquee status" />
    </Stack>
  );
}

interface Properties {
  fleet: FleetMapAnswer;
  view: View;
  setView: (change: (was: Omit<View, 'search'>) => Omit<View, 'search'>) => void;
}

function FleetMap({ fleet, view: { by, search }, setView }: Properties) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme();
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const may = useMay();
  const [opened, setOpened] = useState<string>();
  const [wish, setWish] = useState<{ tenant: string; to?: string }>();
  const tenantsAt = useTenants(fleet);
  const isNamed = tenantsAt.size > 0;
  const layout = useMemo(() => layOut(fleet, { isNarrow, isNamed }), [fleet, isNarrow, isNamed]);
  const found = useMemo(
    () => fleet.groups.flatMap(({ sources }) => sources.filter(({ isFound }) => isFound).map(({ id }) => id)),
    [fleet],
  );
  const { nodes, lines, moves, isWhole } = useFewAtOnce(useUnchanged(layout.nodes), layout, found);
  const [framed, setFramed] = useState('');
  useEffect(() => {
    if (isWhole) setFramed(found.join());
  }, [isWhole, found]);
  useShown(framed, `${by} ${isNarrow}`, layout.width);
  const reveal = useReveal();
  const toggle = useCallback(
    (name: string) =>
      setView(({ toggled, ...was }) => ({
        ...was,
        toggled: toggled.includes(name) ? toggled.filter((one) => one !== name) : [...toggled, name],
      })),
    [setView],
  );
  const showMore = useCallback(
    (name: string) =>
      setView((was) =>
        // A group that a search has opened shows what was found: the first step opens it as a whole.
        search !== '' && !was.toggled.includes(name)
          ? { ...was, toggled: [...was.toggled, name] }
          : { ...was, limit: Math.min(MOST_SHOWN, was.limit + SHOWN) },
      ),
    [setView, search],
  );
  const nameOfGroup = useCallback(
    (name: string) => (by === 'kind' ? t(`map.kinds.${name as 'shared'}`) : name || t('map.noRegion')),
    [by, t],
  );
  const mayMove = may('moves.change');
  const actions = useMemo(
    () => ({
      ...{ mayMove, tenantsAt, nameOfGroup, toggle, showMore, open: setOpened },
      drop: (tenant: string, to?: string) => setWish(to === undefined ? { tenant } : { tenant, to }),
    }),
    [mayMove, tenantsAt, nameOfGroup, toggle, showMore],
  );
  return (
    <MapActions value={actions}>
      <Stack gap="sm">
        {mayMove && (
          <Text size="sm" c="dimmed">
            {t('map.drag')}
          </Text>
        )}
        {fleet.found > found.length && (
          <Text size="sm" role="status">
            {t('map.foundOf', { count: fleet.found, shown: found.length })}
          </Text>
        )}
        {fleet.moves.map((move) => (
          <LinkTo key={move.id} to={`/moves/${move.id}`} size="sm">
            {t('map.moving', { ...move, step: t(`moves.steps.${move.step as 'copying'}`) })}
          </LinkTo>
        ))}
        {opened && <SourcePanel key={opened} source={opened} onClose={() => setOpened(undefined)} />}
        <section className={classes.canvas} aria-label={t('map.title')} onFocus={reveal}>
          <ReactFlow
            nodes={nodes}
            nodeTypes={nodeTypes}
            colorMode={scheme}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            onlyRenderVisibleElements={layout.nodes.length > MANY_NODES}
            minZoom={0.05}
            proOptions={{ hideAttribution: false }}
          >
            <Lines lines={lines} moves={moves} />
            <Controls showInteractive={false} />
          </ReactFlow>
        </section>
      </Stack>
      {wish && <StartMove given={wish} onClose={() => setWish(undefined)} />}
    </MapActions>
  );
}

/** Moves what gets the focus into view. */
function useReveal() {
  const { getZoom, screenToFlowPosition, setCenter } = useReactFlow();
  return ({ target, currentTarget }: FocusEvent<HTMLElement>) => {
    // Undoes the browser's own scrolling of the map's frame.
    currentTarget.firstElementChild?.scrollTo(0, 0);
    const [inner, outer] = [target.getBoundingClientRect(), currentTarget.getBoundingClientRect()];
    const isBeside = inner.right <= outer.left || inner.left >= outer.right;
    if (!isBeside && inner.bottom > outer.top && inner.top < outer.bottom) return;
    const { x, y } = screenToFlowPosition({ x: inner.x + inner.width / 2, y: inner.y + inner.height / 2 });
    void setCenter(x, y, { zoom: getZoom() });
  };
}

/** Nodes that have not changed stay the same objects. */
function useUnchanged(nodes: readonly MapNode[]): MapNode[] {
  const last = useRef<MapNode[]>([]);
  const kept = useMemo(() => keepUnchanged(last.current, nodes), [nodes]);
  useEffect(() => {
    last.current = kept;
  }, [kept]);
  return kept;
}

/** Groups, then what was found, then the other sources, a few in each frame: all those of a group take longer than one. */
function useFewAtOnce(
  nodes: MapNode[],
  { lines, moves }: Pick<ReturnType<typeof layOut>, 'lines' | 'moves'>,
  found: readonly string[],
) {
  const ids = useMemo(() => {
    const first = new Set(found);
    const rankOf = ({ id, type }: MapNode) => (type !== 'source' ? 0 : first.has(id) ? 1 : 2);
    return nodes.toSorted((one, other) => rankOf(one) - rankOf(other)).map(({ id }) => id);
  }, [nodes, found]);
  const filled = useFilled(ids);
  return useMemo(() => {
    const isWhole = ids.every((id) => filled.has(id));
    if (isWhole) return { nodes, lines, moves, isWhole };
    return {
      nodes: nodes.filter(({ id }) => filled.has(id)),
      lines: lines.filter(({ target }) => filled.has(target)),
      moves: moves.filter(({ source, target }) => filled.has(source) && filled.has(target)),
      isWhole,
    };
  }, [nodes, lines, moves, ids, filled]);
}

/** Moves what was found into view; at first, and where nothing is searched for, the top of the map as wide as the screen. */
function useShown(found: string, form: string, width: number): void {
  const { fitView, setViewport } = useReactFlow();
  const available = useStore((state) => state.width);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another grouping is shown from its top
  useEffect(() => {
    if (available === 0) return;
    const frame = requestAnimationFrame(() => {
      if (found) {
        const nodes = found.split(',').map((id) => ({ id }));
        void fitView({ nodes, maxZoom: LARGEST_ZOOM, duration: 200 });
      } else {
        const zoom = Math.min(LARGEST_ZOOM, available / (width + 2 * MARGIN));
        void setViewport({ x: MARGIN * zoom, y: MARGIN * zoom, zoom });
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [found, form, width, available, fitView, setViewport]);
}

/** Tenants by their source's name; of a large fleet none. */
function useTenants({ groups }: FleetMapAnswer) {
  // Not known while the application database does not answer.
  const total = groups.reduce((sum, { tenants }) => sum + (tenants ?? Number.POSITIVE_INFINITY), 0);
  const { data } = useOperatorQuery<OperatorTenants>('tenants', '/tenants', {
    parameters: { limit: FEW_TENANTS, sort: 'subdomain' },
    enabled: total <= FEW_TENANTS,
  });
  return useMemo(
    () => Map.groupBy(total <= FEW_TENANTS ? (data?.rows ?? []) : [], ({ source }) => source ?? ''),
    [data, total],
  );
}
