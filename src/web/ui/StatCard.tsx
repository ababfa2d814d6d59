import { Paper, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ScreenSearch } from '../hooks/page/screen-search';
import { LinkTo } from './LinkTo';
import classes from './Panel.module.css';

interface Properties {
  label: string;
  /** Undefined while loading. */
  value: ReactNode | undefined;
  /** Short note below the value. */
  note?: ReactNode;
  tone?: 'bad' | 'good';
  to?: string;
  search?: ScreenSearch;
}

/** A key figure with its label. */
export function StatCard({ label, value, note, tone, to, search }: Properties) {
  const color = tone === 'bad' ? 'var(--mantine-color-red-light-color)' : undefined;
  return (
    <Paper className={`${classes.panel} ${classes.stat}`} p={{ base: 'sm', sm: 'md' }}>
      <Text size="sm" c="dimmed" truncate>
        {to ? (
          <LinkTo to={to} {...(search ? { search } : {})} inherit c="dimmed">
            {label}
          </LinkTo>
        ) : (
          label
        )}
      </Text>
      {value === undefined ? (
        <Skeleton height={26} width="60%" mt={8} />
      ) : (
        <Text fz={{ base: 20, sm: 25 }} fw={650} className="numeric" mt={2} lh={1.25} style={{ color }}>
          {value}
        </Text>
      )}
      {note && (
        <Text size="xs" c="dimmed" mt={2}>
          {note}
        </Text>
      )}
    </Paper>
  );
}
