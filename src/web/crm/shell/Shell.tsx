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

/** Everything around the screens: who is signed in, navigation, search. */
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

/** The frame's shape while it is not known yet who looks at it. */
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

/** Goes to the sign-in page once; each render of a `Navigate` would go there again while this screen is still loading. */
function ToSignIn() {
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, from where one was
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when one has gone somewhere
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

/** Something over the screen: it comes when it has been loaded, and the screen stays meanwhile. */
function Loaded({ children }: { children: ReactNode }) {
  return <Suspense fallback={null}>{children}</Suspense>;
}

/** The operator has no company, and no business data to see. */
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
