import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** The pages of a list that the server gives the newest first, each before a row of the former one. */
export interface Pages {
  /** Id of the row that the shown page follows; undefined on the first. */
  before: string | undefined;
  first: () => void;
  newer: () => void;
  older: (last: string) => void;
}

export function usePages(): Pages {
  const [ends, setEnds] = useState<string[]>([]);
  return {
    before: ends.at(-1),
    first: () => setEnds([]),
    newer: () => setEnds(ends.slice(0, -1)),
    older: (last) => setEnds([...ends, last]),
  };
}

/** Leads to the pages beside the shown one. Nothing where a list has one page. @param rows of the shown page @param size of a whole one */
export function PageButtons({
  pages,
  rows,
  size,
}: {
  pages: Pages;
  rows: readonly { id: string }[];
  size: number;
}) {
  const { t } = useTranslation();
  const last = rows.length < size ? undefined : rows.at(-1)?.id;
  if (pages.before === undefined && last === undefined) return null;
  return (
    <Group>
      <Button variant="default" size="compact-sm" disabled={pages.before === undefined} onClick={pages.newer}>
        {t('console.newer')}
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        disabled={last === undefined}
        onClick={() => last !== undefined && pages.older(last)}
      >
        {t('console.older')}
      </Button>
    </Group>
  );
}
