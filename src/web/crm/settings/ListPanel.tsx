import { Button, Text } from '@mantine/core';
import { Plus } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';

interface Properties {
  title: string;
  /** What the entries are for. */
  text: ReactNode;
  add: { label: string; onClick: () => void };
  query: { data: unknown; error: Error | null; isPending: boolean; refetch: () => unknown };
  /** Shown instead of the entries where there are none. */
  empty: Omit<ComponentProps<typeof EmptyState>, 'small'> | null;
  children: ReactNode;
  /** Below the entries: dialogs, and what shows more. */
  after?: ReactNode;
}

/** A panel of entries that can be added to, with its states: reading, failed, none. */
export function ListPanel({ title, text, add, query, empty, children, after }: Properties) {
  return (
    <Panel
      title={title}
      flush
      aside={
        <Button size="compact-sm" variant="light" leftSection={<Plus size={14} />} onClick={add.onClick}>
          {add.label}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" px={18} pb={12}>
        {text}
      </Text>
      {query.error && !query.data ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Lines count={3} />
      ) : empty ? (
        <EmptyState {...empty} small />
      ) : (
        children
      )}
      {after}
    </Panel>
  );
}
