import { useDebouncedValue } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { LoginTestAnswer } from '@/server/api/company/login-test';
import { ask } from '../../hooks/session/session';

interface Tests {
  tests: LoginTestAnswer[];
}

/** Debounce of the test while the user types, ms. */
const PAUSE_MS = 700;

/** Whether a URL is complete enough to be tested: it has a host. */
const URL_WITH_HOST = /^(postgres(ql)?|https?):\/\/[^\s/]+/;

interface Typed {
  url: string;
  [field: string]: unknown;
}

/**
 * Tries what is typed, after each pause of typing, and again when asked to; an answer to what was typed before is dropped. Nothing of it
 * is kept, so it is no query: its key would hold the password.
 */
export function useTypedTest(given: Typed): {
  tests?: LoginTestAnswer[];
  isTesting: boolean;
  error: unknown;
  again: () => void;
} {
  const typed = JSON.stringify(given);
  const [body] = useDebouncedValue(typed, PAUSE_MS);
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ tests?: LoginTestAnswer[]; isTesting: boolean; error?: unknown }>({
    isTesting: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round tries the same once more
  useEffect(() => {
    if (!URL_WITH_HOST.test((JSON.parse(body) as Typed).url)) {
      setState({ isTesting: false });
      return;
    }
    const abort = new AbortController();
    setState({ isTesting: true });
    ask<Tests>('/api/operator/data-sources/test', { method: 'POST', body, signal: abort.signal }).then(
      ({ tests }) => {
        if (!abort.signal.aborted) setState({ tests, isTesting: false });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ error, isTesting: false });
      },
    );
    return () => abort.abort();
  }, [body, round]);
  // Findings are shown only while they are about the current input.
  const shown: typeof state = typed === body ? state : { isTesting: state.isTesting };
  return { ...shown, error: shown.error, again: () => setRound((before) => before + 1) };
}

/** Tries each login of a registered source. */
export function useSourceTest(source: string) {
  return useMutation({
    mutationFn: () =>
      ask<Tests>(`/api/operator/data-sources/${encodeURIComponent(source)}/test`, { method: 'POST' }),
  });
}
