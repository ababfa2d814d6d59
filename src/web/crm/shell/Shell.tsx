import { Burger, Group, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveChanges } from '../../hooks/live';
import { useSession } from '../../hooks/session';
import { useQuestion } from '../../ui/confirm';
import { Logo } from '../../ui/Logo';
import { Failed, Lines } from '../../ui/Panel';
import { Navigation } from './Navigation';
import { SessionExpired } from './SessionExpired';
import classes from './Shell.module.css';
import { useGoKeys } from './use-go-keys';
import { openPalette, usePalette } from './use-palette';

const Palette = lazy(() => import('./Palette').then((palette) => ({ default: palette.Palette })));
const ChangeGivenPassword = lazy(() =>
  import('../../sign-in/ChangeGivenPassword').then((screen) => ({ default: screen.ChangeGivenPassword })),
);
const ConfirmDialog = lazy(() =>
  import('../../ui/ConfirmDialog').then((dialog) => ({ default: dialog.ConfirmDialog })),
);

/** The frame around all screens: session, navigation and search. */
export function Shell() {
  const { data: session, isPending, error, refetch } = useSession();
  if (isPending) return <Waiting />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!session) return <ToSignIn />;
  if (session.user.mustChangePassword) {
    return (
      <Suspense fallback={<Waiting />}>
        <ChangeGivenPassword />
      </Suspense>
    );
  }
  if (!session.tenant) return <NoCompany />;
  return <Frame company={session.tenant.name} />;
}

/** Skeleton of the frame while the session loads. */
function Waiting() {
  return (
    <div className={classes.frame} aria-busy="true">
      <div className={classes.navbar}>
        <Skeleton h={30} m={16} w={180} />
        <Lines count={12} height={14} />
      </div>
      <div className={classes.main}>
        <div className={classes.screen}>
          <Skeleton h={30} w={260} mb="lg" />
          <Lines count={8} />
        </div>
      </div>
    </div>
  );
}

/** Redirects to sign-in once. A `Navigate` would redirect on every render while the sign-in screen loads. */
function ToSignIn() {
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, with the initial location
  useEffect(() => {
    const from = pathname + searchStr;
    void navigate({ to: '/sign-in', search: from === '/' ? {} : { from }, replace: true });
  }, []);
  return null;
}

function Frame({ company }: { company: string }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const palette = usePalette();
  const [question, endQuestion] = useQuestion();
  useGoKeys((to) => void navigate({ to }));
  useLiveChanges();
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes the mobile menu after navigation
  useEffect(close, [pathname]);
  return (
    <div className={classes.frame}>
      <a href="#main" className={classes.skip}>
        {t('skip')}
      </a>
      <header className={classes.header}>
        <Group gap="sm" wrap="nowrap" miw={0}>
          <Burger opened={opened} onClick={toggle} size="sm" aria-label={t('nav.menu')} />
          <Logo size={26} />
          <Text fw={650} truncate>
            {company}
          </Text>
        </Group>
        <UnstyledButton onClick={openPalette} aria-label={t('search')} p={6}>
          <Search size={20} />
        </UnstyledButton>
      </header>
      <nav className={classes.navbar} aria-label={t('nav.main')} data-opened={opened || undefined}>
        <Navigation company={company} />
      </nav>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div className={classes.screen}>
          <Outlet />
        </div>
      </main>
      {palette && (
        <Loaded>
          <Palette />
        </Loaded>
      )}
      {question && (
        <Loaded>
          <ConfirmDialog question={question} onEnd={endQuestion} />
        </Loaded>
      )}
      <SessionExpired />
    </div>
  );
}

/** A lazily loaded overlay. The screen stays visible while it loads. */
function Loaded({ children }: { children: ReactNode }) {
  return <Suspense fallback={null}>{children}</Suspense>;
}

/** Shown to operators, who belong to no tenant and see no business data. */
function NoCompany() {
  const { t } = useTranslation();
  return (
    <div className={classes.alone}>
      <Text maw={420} ta="center">
        {t('signIn.noCompany')}
      </Text>
    </div>
  );
}
