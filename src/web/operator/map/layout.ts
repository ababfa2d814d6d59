// Where everything of the map is: the two own databases at the left, groups of data sources below each other at the right; on narrow
// screens all below each other.
import type { Edge, Node } from '@xyflow/react';
import type { FleetMapAnswer } from '@/server/operator/map';

type MapGroup = FleetMapAnswer['groups'][number];
export type MapSource = MapGroup['sources'][number];
export type Grouping = 'region' | 'kind';

type GroupData = Omit<MapGroup, 'sources'>;

interface OwnData extends Record<string, unknown> {
  which: 'application' | 'operations';
  isReachable: boolean;
  isNarrow: boolean;
}

interface MoreData extends Record<string, unknown> {
  group: string;
  count: number;
}

// `group` is a type of the library's, with a style of its own.
export type MapNode =
  | Node<GroupData, 'box'>
  | Node<MapSource, 'source'>
  | Node<OwnData, 'own'>
  | Node<MoreData, 'more'>;

/** A line leads from the application database along a vertical and then a horizontal corridor between the nodes. */
export interface LineData extends Record<string, unknown> {
  /** x of the vertical one. */
  trunk: number;
  /** y of the horizontal one. */
  lane: number;
}

interface Layout {
  nodes: MapNode[];
  edges: Edge[];
  width: number;
}

const OWN_WIDTH = 230;
const OWN_STEP = { wide: 130, narrow: 80 };
const LEFT = { wide: 330, narrow: 30 };
const TRUNK = { wide: 290, narrow: 14 };
const COLUMNS = { wide: 4, narrow: 1 };
const WIDTH = 250;
/** Of a source, with and without the names of its tenants. */
const HEIGHT = { named: 150, plain: 96 };
const GAP = 20;
const HEAD = 84;

const WORST_LAST: MapSource['state'][] = ['healthy', 'unknown', 'degraded', 'unhealthy'];

/** @param options `isNamed`: sources show the names of their tenants */
export function layOut(
  { application, groups, moves }: FleetMapAnswer,
  { isNarrow = false, isNamed = false } = {},
): Layout {
  const form = isNarrow ? 'narrow' : 'wide';
  const [left, trunk, most, height] = [
    LEFT[form],
    TRUNK[form],
    COLUMNS[form],
    isNamed ? HEIGHT.named : HEIGHT.plain,
  ];
  const nodes: MapNode[] = (['application', 'operations'] as const).map((which, at) => ({
    ...{
      id: which,
      type: 'own',
      position: { x: isNarrow ? left : 0, y: at * OWN_STEP[form] },
      width: OWN_WIDTH,
    },
    data: { which, isReachable: which === 'operations' || application, isNarrow },
  }));
  const lines: { edge: Edge; state: MapSource['state'] }[] = [];
  const loads = groups.flatMap(({ isOpen, sources, transactionsPerSecond }) =>
    isOpen ? sources.map((source) => source.transactionsPerSecond ?? 0) : [transactionsPerSecond],
  );
  const busiest = Math.max(1, ...loads);
  const places = new Map<string, string>();
  let y = isNarrow ? 2 * OWN_STEP.narrow + GAP : 0;
  for (const { sources, ...group } of groups) {
    const { name, states, isOpen, transactionsPerSecond } = group;
    const id = `group ${name}`;
    const all = Object.values(states).reduce((sum, count) => sum + count, 0);
    const missing = isOpen ? all - sources.length : 0;
    const slots = isOpen ? sources.length + Number(missing > 0) : 0;
    const placeOf = (at: number) => ({
      x: left + GAP + (at % most) * (WIDTH + GAP),
      y: y + HEAD + Math.floor(at / most) * (height + GAP),
    });
    const whole = {
      // At least two columns, where there are: the head has its numbers there.
      width: Math.min(most, Math.max(2, slots)) * (WIDTH + GAP) + GAP,
      height: HEAD + Math.ceil(slots / most) * (height + GAP),
    };
    // Below the lines, which are below the sources.
    nodes.push({ id, type: 'box', position: { x: left, y }, ...whole, zIndex: -1, data: group });
    if (!isOpen) {
      const state = worstOf(states);
      const data = { trunk, lane: y + whole.height / 2 };
      lines.push({ edge: line(id, state, transactionsPerSecond / busiest, data), state });
    }
    for (const [at, source] of sources.entries()) {
      const position = placeOf(at);
      places.set(source.name, source.id);
      nodes.push({
        ...{ id: source.id, type: 'source', position, width: WIDTH, height, zIndex: 1 },
        data: source,
      });
      const share = (source.transactionsPerSecond ?? 0) / busiest;
      const data = { trunk, lane: position.y - GAP / 2 };
      lines.push({ edge: line(source.id, source.state, share, data), state: source.state });
    }
    if (missing > 0)
      nodes.push({
        ...{
          id: `more ${name}`,
          type: 'more',
          position: placeOf(sources.length),
          width: WIDTH,
          height,
          zIndex: 1,
        },
        data: { group: name, count: missing },
      });
    y += whole.height + GAP * 2;
  }
  const edges = lines
    // Lines share their corridors: what is worst is drawn last.
    .sort((one, other) => WORST_LAST.indexOf(one.state) - WORST_LAST.indexOf(other.state))
    .map(({ edge }) => edge);
  for (const { id, from, to, fromGroup, toGroup } of moves) {
    const source = places.get(from) ?? `group ${fromGroup}`;
    const target = places.get(to) ?? `group ${toGroup}`;
    if (source !== target)
      edges.push({
        ...{ id: `move ${id}`, source, target, sourceHandle: 'out', targetHandle: 'move' },
        ...{ animated: true, zIndex: 2 },
        style: { strokeWidth: 3, stroke: 'var(--mantine-primary-color-filled)' },
      });
  }
  return { nodes, edges, width: left + Math.min(most, 4) * (WIDTH + GAP) + GAP };
}

/** The nodes, those that have not changed as they were: only the others are rendered again. */
export function keepUnchanged(before: readonly MapNode[], now: readonly MapNode[]): MapNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  return now.map((node) => {
    const was = known.get(node.id);
    const isSame =
      was !== undefined &&
      was.position.x === node.position.x &&
      was.position.y === node.position.y &&
      was.width === node.width &&
      was.height === node.height &&
      JSON.stringify(was.data) === JSON.stringify(node.data);
    return isSame ? was : node;
  });
}

function worstOf(states: GroupData['states']): MapSource['state'] {
  return WORST_LAST.findLast((state) => states[state] > 0) ?? 'unknown';
}

export const COLORS: Record<MapSource['state'], string> = {
  healthy: 'var(--mantine-color-green-5)',
  degraded: 'var(--mantine-color-yellow-6)',
  unhealthy: 'var(--mantine-color-red-6)',
  unknown: 'var(--mantine-color-gray-5)',
};

function line(target: string, state: MapSource['state'], share: number, data: LineData): Edge {
  const style = { stroke: COLORS[state], strokeWidth: 1 + 5 * Math.min(1, share) };
  return {
    ...{
      id: `to ${target}`,
      type: 'line',
      source: 'application',
      target,
      sourceHandle: 'out',
      targetHandle: 'in',
    },
    ...{ style, data, focusable: false },
  };
}
