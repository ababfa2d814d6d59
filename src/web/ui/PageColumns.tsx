import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './PageColumns.module.css';

/** Two columns, stacked on a phone. */
export function PageColumns({ main, side }: { main: ReactNode; side: ReactNode }) {
  return (
    <Box className={classes.columns}>
      <div>{main}</div>
      <div>{side}</div>
    </Box>
  );
}
