import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { screens } from './crm/screens';
import { Shell } from './crm/shell/Shell';
import { mountPoint } from './hooks/page/address';
import type { ScreenSearch } from './hooks/page/screen-search';
import { NotFound, RouteFailed } from './ui/RouteStates';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: (search: Record<string, unknown>): ScreenSearch => search as ScreenSearch,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./sign-in/SignInScreen'), 'SignInScreen'),
});

const forgottenPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgotten-password',
  component: lazyRouteComponent(() => import('./sign-in/ForgottenPasswordScreen'), 'ForgottenPasswordScreen'),
});

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./sign-in/LinkScreens'), 'ResetPasswordScreen'),
});

const acceptInvitation = createRoute({
  getParentRoute: () => root,
  path: '/accept-invitation',
  component: lazyRouteComponent(() => import('./sign-in/LinkScreens'), 'AcceptInvitationScreen'),
});

const support = createRoute({
  getParentRoute: () => root,
  path: '/support',
  component: lazyRouteComponent(() => import('./sign-in/SupportScreen'), 'SupportScreen'),
});

const sessionScreens = [signIn, forgottenPassword, resetPassword, acceptInvitation, support];

/** Pages that a client opens from a mail, without an account. */
const client = createRoute({
  getParentRoute: () => root,
  path: '/c/$token',
  component: lazyRouteComponent(() => import('./client/ClientScreen'), 'ClientScreen'),
});

const contract = createRoute({
  getParentRoute: () => root,
  path: '/s/$token',
  component: lazyRouteComponent(() => import('./client/ContractScreen'), 'ContractScreen'),
});

const invoice = createRoute({
  getParentRoute: () => root,
  path: '/i/$token',
  component: lazyRouteComponent(() => import('./client/InvoiceScreen'), 'InvoiceScreen'),
});

const designs = createRoute({
  getParentRoute: () => root,
  path: '/d/$token',
  component: lazyRouteComponent(() => import('./client/DesignsScreen'), 'DesignsScreen'),
});

/** The crew's mobile pages, outside the shell: they open offline, before the session is known. */
const briefs = createRoute({
  getParentRoute: () => root,
  path: '/brief',
  component: lazyRouteComponent(() => import('./crm/brief/BriefListScreen'), 'BriefListScreen'),
});
const brief = createRoute({
  getParentRoute: () => root,
  path: '/brief/$id',
  component: lazyRouteComponent(() => import('./crm/brief/BriefScreen'), 'BriefScreen'),
});

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const children = screens.map(({ path, load, name }) =>
  createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(load, name) }),
);

export function createApplicationRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      ...sessionScreens,
      ...[client, contract, invoice, designs, briefs, brief],
      shell.addChildren(children),
    ]),
    basepath: mountPoint || '/',
    context: { queryClient },
    defaultErrorComponent: RouteFailed,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createApplicationRouter>;
  }
}
