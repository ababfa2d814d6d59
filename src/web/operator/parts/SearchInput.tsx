import { TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { memo, startTransition, useEffect, useRef, useState } from 'react';

/** Waits for the last key before it searches. */
const TYPED_MS = 200;

interface Properties {
  label: string;
  /** Width from a tablet on, px. */
  width?: number;
  /** The initial search text. */
  initial?: string;
  /** Pass a stable function. @param words trimmed */
  onSearch: (words: string) => void;
}

/** A search field with debounced state of its own, so that its screen does not render at each key stroke. */
export const SearchInput = memo(function SearchInput({
  label,
  width = 320,
  initial = '',
  onSearch,
}: Properties) {
  const [words, setWords] = useState(initial);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <TextInput
      type="search"
      leftSection={<Search size={15} />}
      aria-label={label}
      placeholder={label}
      w={{ base: '100%', sm: width }}
      value={words}
      onChange={({ target: { value } }) => {
        setWords(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => startTransition(() => onSearch(value.trim())), TYPED_MS);
      }}
    />
  );
});
