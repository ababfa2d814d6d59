import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './ui/global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { Failure, isOffline } from './hooks/failures';
import { printInLight } from './hooks/printing';
import { prefetchSession } from './hooks/session';
import { startTranslations } from './i18n';
import { createApplicationRouter } from './router';
import { notifyFailure } from './ui/notify';
import { cssVariables, theme } from './ui/theme';

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // Retry network errors only: the database would refuse the same request again.
      retry: (count, error) => count < 3 && (isOffline(error) || !(error instanceof Failure)),
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

// Translations, session and screen are fetched in parallel.
const translations = startTranslations();
void prefetchSession(queryClient);
printInLight();
const router = createApplicationRouter(queryClient);
void router.preloadRoute({ to: router.latestLocation.pathname as '/' }).catch(() => {});
await translations;
const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');
createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
    <QueryClientProvider client={queryClient}>
      <Notifications position="bottom-right" />
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>,
);
