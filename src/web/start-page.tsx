import '@fontsource-variable/inter/wght.css';
import './ui/styles.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type AnyRouter, RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { retriesOf } from './hooks/request/failures';
import { prefetchSession } from './hooks/session/session';
import { type Catalogues, startTranslations } from './i18n';
import { handleDialogKeys } from './ui/dialog-keys';
import { notifyFailure } from './ui/notify';
import { Notifications } from './ui/notify/Notifications';
import { cssVariables, theme } from './ui/theme';

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < retriesOf(error),
      retryDelay: (count) => 500 * 2 ** count,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      // Forms show their own errors beside the input.
      if (!mutation.meta?.showsFailure) notifyFailure(error);
    },
  }),
});

/** Renders an application: the CRM or the operator's console. Translations, session and screen are fetched in parallel. */
export async function startPage(
  createRouter: (queryClient: QueryClient) => AnyRouter,
  catalogues: Catalogues,
): Promise<void> {
  const translations = startTranslations(catalogues);
  void prefetchSession(queryClient);
  handleDialogKeys();
  const router = createRouter(queryClient);
  void router.preloadRoute({ to: router.latestLocation.pathname }).catch(() => {});
  await translations;
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no #root.');
  createRoot(root).render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
