import { ViewportPortal } from '@xyflow/react';
import { memo } from 'react';
import { COLORS, type MapLine, type MoveLine } from './layout';
import classes from './Map.module.css';

/** All lines of the map in one drawing: as edges of their own they took longer than the nodes. */
export const Lines = memo(function Lines({
  lines,
  moves,
}: {
  lines: readonly MapLine[];
  moves: readonly MoveLine[];
}) {
  return (
    <ViewportPortal>
      <svg className={classes.lines} data-lines aria-hidden>
        {lines.map(({ target, from, to, trunk, lane, state, width }) => (
          <path
            key={target}
            d={`M ${from.x} ${from.y} H ${trunk} V ${lane} H ${to.x} V ${to.y}`}
            stroke={COLORS[state]}
            strokeWidth={width}
          />
        ))}
      </svg>
      {moves.length > 0 && (
        <svg className={classes.moves} aria-hidden>
          {moves.map(({ id, from, to }) => (
            <path key={id} data-move={id} d={curve(from, to)} />
          ))}
        </svg>
      )}
    </ViewportPortal>
  );
});

function curve(from: MoveLine['from'], to: MoveLine['to']): string {
  const bend = Math.max(40, Math.abs(to.x - from.x) / 2);
  return `M ${from.x} ${from.y} C ${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}
