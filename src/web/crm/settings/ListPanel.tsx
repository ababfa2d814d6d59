import { Button, Text } from '@mantine/core';
import { Plus } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';

interface Properties {
  title: string;
  /** Description above the entries. */
  text: ReactNode;
  /** Absent where nothing can be added. */
  add?: { label: string; onClick: () => void };
  query: { data: unknown; error: Error | null; isPending: boolean; refetch: () => unknown };
  /** Empty state, shown instead of the entries. */
  empty: Omit<ComponentProps<typeof EmptyState>, 'small'> | null;
  children: ReactNode;
  /** Rendered below the entries, such as dialogs and a button to load more. */
  after?: ReactNode;
}

/** A settings panel with a list: add button, loading, error and empty states. */
export function ListPanel({ title, text, add, query, empty, children, after }: Properties) {
  return (
    <Panel
      title={title}
      flush
      aside={
        add && (
          <Button size="compact-sm" variant="light" leftSection={<Plus size={14} />} onClick={add.onClick}>
            {add.label}
          </Button>
        )
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
