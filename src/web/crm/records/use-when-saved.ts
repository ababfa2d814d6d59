import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { hasUnsaved } from '../../hooks/offline/unsaved';
import { notifyProblem } from '../../ui/notify';

/** How long an action waits for saves under way, ms. */
const PATIENCE_MS = 5_000;

/**
 * For actions that depend on all edits of a record, such as sending a quote. The action waits for saves under way, and is refused in
 * words while something is not saved.
 *
 * @param group the record, such as `quotes:ID`
 */
export function useWhenSaved(group: string): (action: () => void) => Promise<void> {
  const { t } = useTranslation();
  const client = useQueryClient();
  return async (action) => {
    await answered(client, group);
    if (savesUnderWay(client, group) > 0 || hasUnsaved(group)) notifyProblem(t('offline.first'));
    else action();
  };
}

/** Resolves when no save of the record is under way, or after `PATIENCE_MS`. */
async function answered(client: QueryClient, group: string): Promise<void> {
  if (savesUnderWay(client, group) === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, PATIENCE_MS);
    const stop = client.getMutationCache().subscribe(() => {
      if (savesUnderWay(client, group) === 0) end();
    });
    function end() {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

/** Saves of a record that have not been answered. */
function savesUnderWay(client: QueryClient, group: string): number {
  return client.isMutating({
    predicate: ({ state }) =>
      (state.variables as { offline?: { group: string } } | undefined)?.offline?.group === group,
  });
}
