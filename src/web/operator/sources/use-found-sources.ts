import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { OperatorSource } from '@/server/operator/sources/sources';
import { useOperatorQuery } from '../queries';

/** For a `Select` of data sources: those whose names have what is typed, and the properties of its search. */
export function useFoundSources() {
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 200);
  const { data } = useOperatorQuery<{ rows: OperatorSource[] }>('sources', '/data-sources', {
    parameters: { search, limit: 100 },
  });
  return {
    found: data?.rows ?? [],
    searching: { searchable: true, searchValue: words, onSearchChange: setWords } as const,
  };
}
