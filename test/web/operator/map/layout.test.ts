// The map of a fleet: only open groups have sources, wider lines for more traffic, nothing lies upon another, and what has not changed
// is not rendered again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetMapAnswer } from '@/server/operator/map';
import { keepUnchanged, layOut, type MapSource } from '@/web/operator/map/layout';

const source = (at: number, over: Partial<MapSource> = {}): MapSource => ({
  ...{ id: `id-${at}`, name: `source-${at}`, kind: 'shared', engine: 'postgresql', region: 'r' },
  ...{ status: 'active', capacity: null, state: 'healthy', cause: null, tenants: 10, isFound: false },
  ...{ causeName: null, transactionsPerSecond: at, replicas: [], lagBytes: null },
  ...over,
});
const group = (name: string, all: number, sources: MapSource[]): FleetMapAnswer['groups'][number] => ({
  ...{ name, sources, isOpen: sources.length > 0, tenants: all * 10, transactionsPerSecond: all },
  states: { healthy: all - 1, degraded: 0, unhealthy: 1, unknown: 0 },
});
const move = { id: 'm', tenant: 'a', step: 'copying', fromGroup: 'r0', toGroup: 'r1' };
const fleet: FleetMapAnswer = {
  ...{ application: true, found: 0, moves: [{ ...move, from: 'source-0', to: 'source-99' }] },
  groups: [
    group(
      'r0',
      9,
      [0, 1, 2, 3, 4, 5].map((at) => source(at)),
    ),
    group('r1', 300, []),
  ],
};

for (const isNarrow of [false, true]) {
  test(`${isNarrow ? 'on a phone' : 'on a desk'} no node lies upon another, and no line crosses a source`, () => {
    const { nodes, lines } = layOut(fleet, { isNarrow });
    const count = (type: string) => nodes.filter((node) => node.type === type).length;
    assert.deepEqual([count('box'), count('source'), count('more')], [2, 6, 1]);
    const boxes = nodes.filter(({ type }) => type !== 'box').map(boxOf);
    for (const [at, one] of boxes.entries())
      assert.ok(!boxes.some((other, index) => index !== at && overlap(one, other)), JSON.stringify(one));
    const groups = nodes.filter(({ type }) => type === 'box');
    assert.ok(
      groups.every(({ zIndex = 0 }) => zIndex < 0),
      'lines are above the boxes of groups',
    );
    for (const { target, trunk, lane } of lines) {
      const node = nodes.find(({ id }) => id === target);
      assert.ok(node);
      const { left, right } = boxOf(node);
      const middle = node.type === 'box' ? left : (left + right) / 2;
      const ways = [
        { left: trunk, right: trunk, top: 0, bottom: lane },
        { left: trunk, right: middle, top: lane, bottom: lane },
      ];
      for (const way of ways)
        assert.ok(!boxes.some((box) => overlap(way, box)), `${target}: ${JSON.stringify(way)}`);
    }
  });
}

test('a source with more traffic has a wider line, the worst are drawn last, and a move leads to a closed group', () => {
  const sick = source(7, { state: 'unhealthy' });
  const { nodes, lines, moves } = layOut({
    ...fleet,
    groups: [group('r0', 3, [sick, source(1), source(5)]), group('r1', 300, [])],
  });
  const widthOf = (id: string) => Number(lines.find(({ target }) => target === id)?.width);
  assert.ok(widthOf('id-5') > widthOf('id-1'));
  assert.deepEqual(new Set(lines.slice(-2).map(({ target }) => target)), new Set(['id-7', 'group r1']));
  const [move] = moves;
  assert.deepEqual([move?.id, move?.source, move?.target], ['m', 'group r0', 'group r1']);
  const target = nodes.find(({ id }) => id === 'group r1');
  assert.equal(move?.to.x, target?.position.x);
});

test('after another answer only nodes that changed are other objects', () => {
  const before = layOut(fleet).nodes;
  const groups = structuredClone(fleet.groups);
  Object.assign(groups[0]?.sources[2] ?? {}, { tenants: 11 });
  const now = keepUnchanged(before, layOut({ ...fleet, groups }).nodes);
  const changed = now.filter((node, at) => node !== before[at]);
  assert.deepEqual(
    changed.map(({ id }) => id),
    ['id-2'],
  );
});

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf({
  position: { x, y },
  width = 0,
  height = 60,
}: {
  position: { x: number; y: number };
  width?: number;
  height?: number;
}): Box {
  return { left: x, right: x + width, top: y, bottom: y + height };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
