// Where everything of the map is: the two own databases at the left, groups of data sources below each other at the right; on narrow
// screens all below each other.
import type { Node } from '@xyflow/react';
import type { FleetMapAnswer } from '@/server/operator/map';

type MapGroup = FleetMapAnswer['groups'][number];
export type MapSource = MapGroup['sources'][number];
export type Grouping = 'region' | 'kind';

type GroupData = Omit<MapGroup, 'sources'>;

interface OwnData extends Record<string, unknown> {
  which: 'application' | 'operations';
  isReachable: boolean;
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

interface Point {
  x: number;
  y: number;
}

/** From the application database to a source or a closed group, along a vertical and then a horizontal corridor between the nodes. */
export interface MapLine {
  /** The node that it leads to. */
  target: string;
  from: Point;
  to: Point;
  /** x of the vertical corridor. */
  trunk: number;
  /** y of the horizontal one. */
  lane: number;
  state: MapSource['state'];
  width: number;
}

/** A move under way, from node to node. */
export interface MoveLine {
  id: string;
  source: string;
  target: string;
  from: Point;
  to: Point;
}

interface Layout {
  nodes: MapNode[];
  /** The worst last: lines share their corridors, and what is drawn last is seen. */
  lines: MapLine[];
  moves: MoveLine[];
  width: number;
}

const OWN_WIDTH = 230;
const OWN_HEIGHT = 72;
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
    ...placed(which, isNarrow ? left : 0, at * OWN_STEP[form], OWN_WIDTH, OWN_HEIGHT),
    type: 'own',
    data: { which, isReachable: which === 'operations' || application },
  }));
  const from = { x: isNarrow ? left : OWN_WIDTH, y: OWN_HEIGHT / 2 };
  const lines: MapLine[] = [];
  const loads = groups.flatMap(({ isOpen, sources, transactionsPerSecond }) =>
    isOpen ? sources.map((source) => source.transactionsPerSecond ?? 0) : [transactionsPerSecond],
  );
  const busiest = Math.max(1, ...loads);
  const widthOf = (load: number | null) => 1 + 5 * Math.min(1, (load ?? 0) / busiest);
  const nodeOf = new Map<string, MapNode>();
  let y = isNarrow ? 2 * OWN_STEP.narrow + GAP : 0;
  for (const { sources, ...group } of groups) {
    const { name, states, isOpen, transactionsPerSecond } = group;
    const id = `group ${name}`;
    const all = Object.values(states).reduce((sum, count) => sum + count, 0);
    const missing = isOpen ? all - sources.length : 0;
    const slots = isOpen ? sources.length + Number(missing > 0) : 0;
    const placeOf = (at: number): [x: number, y: number] => [
      left + GAP + (at % most) * (WIDTH + GAP),
      y + HEAD + Math.floor(at / most) * (height + GAP),
    ];
    // At least two columns if possible, since the head needs their width for its numbers.
    const wholeWidth = Math.min(most, Math.max(2, slots)) * (WIDTH + GAP) + GAP;
    const wholeHeight = HEAD + Math.ceil(slots / most) * (height + GAP);
    // Below the lines, which are below the sources.
    const box: MapNode = {
      ...placed(id, left, y, wholeWidth, wholeHeight),
      ...{ type: 'box', zIndex: -1, data: group },
    };
    nodes.push(box);
    nodeOf.set(id, box);
    if (!isOpen) {
      const lane = y + wholeHeight / 2;
      const to = { x: left, y: lane };
      const line = { state: worstOf(states), width: widthOf(transactionsPerSecond) };
      lines.push({ target: id, from, to, trunk, lane, ...line });
    }
    for (const [at, source] of sources.entries()) {
      const [x, top] = placeOf(at);
      const node: MapNode = {
        ...placed(source.id, x, top, WIDTH, height),
        ...{ type: 'source', zIndex: 1, data: source },
      };
      nodes.push(node);
      nodeOf.set(source.name, node);
      const line = { state: source.state, width: widthOf(source.transactionsPerSecond) };
      const to = { x: x + WIDTH / 2, y: top };
      lines.push({ target: source.id, from, to, trunk, lane: top - GAP / 2, ...line });
    }
    if (missing > 0)
      nodes.push({
        ...placed(`more ${name}`, ...placeOf(sources.length), WIDTH, height),
        ...{ type: 'more', zIndex: 1, data: { group: name, count: missing } },
      });
    y += wholeHeight + GAP * 2;
  }
  const moveLines = moves.flatMap(({ id, from, to, fromGroup, toGroup }): MoveLine[] => {
    const source = nodeOf.get(from) ?? nodeOf.get(`group ${fromGroup}`);
    const target = nodeOf.get(to) ?? nodeOf.get(`group ${toGroup}`);
    if (!source || !target || source === target) return [];
    return [{ id, source: source.id, target: target.id, from: rightOf(source), to: leftOf(target) }];
  });
  lines.sort((one, other) => WORST_LAST.indexOf(one.state) - WORST_LAST.indexOf(other.state));
  return { nodes, lines, moves: moveLines, width: left + Math.min(most, 4) * (WIDTH + GAP) + GAP };
}

/** Where a node is. Its size is given and its lines are drawn apart from it, so that it need not be measured. */
function placed(id: string, x: number, y: number, width: number, height: number) {
  return { id, position: { x, y }, width, height, measured: { width, height }, handles: [] };
}

function rightOf({ position: { x, y }, width = 0, height = 0 }: MapNode): Point {
  return { x: x + width, y: y + height / 2 };
}

function leftOf({ position: { x, y }, height = 0 }: MapNode): Point {
  return { x, y: y + height / 2 };
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
      (was.data === node.data || JSON.stringify(was.data) === JSON.stringify(node.data));
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
