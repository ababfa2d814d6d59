import { Burger, Group, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveChanges } from '../../hooks/live/live';
import { keepPageWhenIdle } from '../../hooks/offline/offline-page';
import { useAskedForProof } from '../../hooks/session/proof';
import { useSession } from '../../hooks/session/session';
import { SessionExpired } from '../../sign-in/SessionExpired';
import { useQuestion } from '../../ui/confirm';
import { LoadedLater } from '../../ui/LoadedLater';
import { Logo } from '../../ui/Logo';
import { Failed } from '../../ui/Panel';
import classes from '../../ui/Shell.module.css';
import { ToSignIn, WaitingShell } from '../../ui/ShellStates';
import { Bell } from '../notices/Bell';
import { useCreations } from '../records/create-in-place';
import { Navigation } from './Navigation';
import { OfflineBar } from './OfflineBar';
import { showShortcuts, useShortcuts } from './shortcuts';
import { useGoKeys } from './use-go-keys';
import { openPalette, usePalette } from './use-palette';

const Palette = lazy(() => import('./Palette').then((palette) => ({ default: palette.Palette })));
const ChangeGivenPassword = lazy(() =>
  import('../../sign-in/ChangeGivenPassword').then((screen) => ({ default: screen.ChangeGivenPassword })),
);
const ConfirmDialog = lazy(() =>
  import('../../ui/ConfirmDialog').then((dialog) => ({ default: dialog.ConfirmDialog })),
);

const ProofDialog = lazy(() =>
  import('../../sign-in/ProofDialog').then((dialog) => ({ default: dialog.ProofDialog })),
);
const SupportBar = lazy(() => import('./SupportBar').then((bar) => ({ default: bar.SupportBar })));
const Shortcuts = lazy(() => import('./Shortcuts').then((help) => ({ default: help.Shortcuts })));
const CreateInPlace = lazy(() =>
  import('../create/CreateInPlace').then((dialog) => ({ default: dialog.CreateInPlace })),
);

/** Placeholder entries of the navigation while the session loads. */
const ENTRIES = 12;

/** The frame around all screens: session, navigation and search. */
export function Shell() {
  const { data: session, isPending, error, refetch } = useSession();
  if (isPending) return <WaitingShell entries={ENTRIES} />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!session) return <ToSignIn />;
  if (session.user.mustChangePassword) {
    return (
      <Suspense fallback={<WaitingShell entries={ENTRIES} />}>
        <ChangeGivenPassword />
      </Suspense>
    );
  }
  if (!session.tenant) return <ToConsole />;
  return <Frame company={session.tenant.name} />;
}

function Frame({ company }: { company: string }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const palette = usePalette();
  const [question, endQuestion] = useQuestion();
  const answerProof = useAskedForProof();
  const creations = useCreations();
  const [helping, endHelp] = useShortcuts();
  useGoKeys((to) => void navigate({ to }), showShortcuts, openPalette);
  useLiveChanges();
  useEffect(keepPageWhenIdle, []);
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
        <Group gap={4} wrap="nowrap">
          <Bell />
          <UnstyledButton onClick={openPalette} aria-label={t('search')} p={6}>
            <Search size={20} />
          </UnstyledButton>
        </Group>
      </header>
      <nav className={classes.navbar} aria-label={t('nav.main')} data-opened={opened || undefined}>
        <Navigation company={company} />
      </nav>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div className={classes.screen}>
          <OfflineBar />
          <LoadedLater>
            <SupportBar />
          </LoadedLater>
          <Outlet />
        </div>
      </main>
      {palette && (
        <LoadedLater>
          <Palette />
        </LoadedLater>
      )}
      {helping && (
        <LoadedLater>
          <Shortcuts onClose={endHelp} />
        </LoadedLater>
      )}
      {creations.length > 0 && (
        <LoadedLater>
          <CreateInPlace creations={creations} />
        </LoadedLater>
      )}
      {question && (
        <LoadedLater>
          <ConfirmDialog question={question} onEnd={endQuestion} />
        </LoadedLater>
      )}
      {answerProof && (
        <LoadedLater>
          <ProofDialog onAnswer={answerProof} />
        </LoadedLater>
      )}
      <SessionExpired />
    </div>
  );
}

/** Operators belong to no tenant and see no business data: they have a console of their own. */
function ToConsole() {
  useEffect(() => window.location.replace('/operator'), []);
  return <WaitingShell entries={ENTRIES} />;
}
