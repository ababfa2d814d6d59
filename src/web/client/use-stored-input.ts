import { useState } from 'react';

/** What a client types survives a reload, in this tab only: a link may be opened on a computer that others use. */
export function useStoredInput(
  token: string,
  field: string,
): [value: string, change: (value: string) => void, forget: () => void] {
  // The end of the token, which opens nothing by itself.
  const key = `marquee.client.${token.slice(-12)}.${field}`;
  const [value, setValue] = useState(() => read(key));
  const change = (next: string) => {
    setValue(next);
    write(key, next);
  };
  return [value, change, () => change('')];
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(key: string, value: string): void {
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is full or blocked: the text is kept while the page is open.
  }
}
