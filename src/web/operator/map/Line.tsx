import { BaseEdge, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';
import type { LineData } from './layout';

/** From the application database to a source or group, through the corridors between the nodes. */
export const Line = memo(function Line({ sourceX, sourceY, targetX, targetY, data, style = {} }: EdgeProps) {
  const { trunk, lane } = data as LineData;
  return (
    <BaseEdge
      path={`M ${sourceX} ${sourceY} H ${trunk} V ${lane} H ${targetX} V ${targetY}`}
      style={{ ...style, strokeLinejoin: 'round' }}
      interactionWidth={0}
    />
  );
});
