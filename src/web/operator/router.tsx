import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { ScreenSearch } from '../hooks/page/screen-search';
import { NotFound, RouteFailed } from '../ui/RouteStates';
import { FIRST, screens } from './screens';
import { Shell } from './shell/Shell';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: (search: Record<string, unknown>): ScreenSearch => search as ScreenSearch,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./shell/SignInScreen'), 'SignInScreen'),
});

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const first = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: FIRST as '/', replace: true });
  },
});

const children = screens.map(({ path, load, name }) =>
  createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(load, name) }),
);

/** Screens of the console, below `/operator`. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([signIn, shell.addChildren([first, ...children])]),
    basepath: '/operator',
    context: { queryClient },
    defaultErrorComponent: RouteFailed,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
}
