import { Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { LockKeyhole } from 'lucide-react';
import { lazy, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useAskedForProof } from '../../hooks/session/proof';
import { useSession, useSignOut } from '../../hooks/session/session';
import { SessionExpired } from '../../sign-in/SessionExpired';
import { useQuestion } from '../../ui/confirm';
import { LinkTo } from '../../ui/LinkTo';
import { LoadedLater } from '../../ui/LoadedLater';
import { Logo } from '../../ui/Logo';
import { EmptyState, Failed } from '../../ui/Panel';
import classes from '../../ui/Shell.module.css';
import { ToSignIn, WaitingShell } from '../../ui/ShellStates';
import { useSelf } from '../queries';
import { Bars } from './Bars';
import { Navigation } from './Navigation';
import { useLiveSubjects } from './use-live-subjects';

const ChangeGivenPassword = lazy(() =>
  import('../../sign-in/ChangeGivenPassword').then((screen) => ({ default: screen.ChangeGivenPassword })),
);
const SetUpSecondFactor = lazy(() =>
  import('./SetUpSecondFactor').then((screen) => ({ default: screen.SetUpSecondFactor })),
);
const ConfirmDialog = lazy(() =>
  import('../../ui/ConfirmDialog').then((dialog) => ({ default: dialog.ConfirmDialog })),
);
const ProofDialog = lazy(() =>
  import('../../sign-in/ProofDialog').then((dialog) => ({ default: dialog.ProofDialog })),
);

/** Placeholder entries of the navigation while the session loads. */
const ENTRIES = 10;

/** The frame around the console's screens: who acts, navigation, changes as they happen. */
export function Shell() {
  const { data: session, isPending, error, refetch } = useSession();
  if (isPending) return <WaitingShell entries={ENTRIES} />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!session) return <ToSignIn />;
  if (session.user.role !== 'operator') return <NotForCompanies />;
  if (session.user.mustChangePassword) {
    return (
      <LoadedLater>
        <ChangeGivenPassword />
      </LoadedLater>
    );
  }
  return <WithSelf />;
}

function WithSelf() {
  const { data, error, isPending, refetch } = useSelf();
  if (isPending) return <WaitingShell entries={ENTRIES} />;
  if (!data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data.secondFactor) {
    return (
      <LoadedLater>
        <SetUpSecondFactor onDone={() => void refetch()} />
      </LoadedLater>
    );
  }
  return <Frame />;
}

/** Shown to a tenant's user who opens the console. */
function NotForCompanies() {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <div className={classes.alone}>
      <EmptyState
        icon={LockKeyhole}
        title={t('console.notForCompanies')}
        action={
          <LinkTo to="/sign-in" onClick={() => signOut.mutate({})}>
            {t('signOut')}
          </LinkTo>
        }
      />
    </div>
  );
}

function Frame() {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  // Selects only the path: a search changes the URL too, but must not render the frame.
  const pathname = useLocation({ select: (location) => location.pathname });
  const [question, endQuestion] = useQuestion();
  const answerProof = useAskedForProof();
  useLiveSubjects();
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
            {t('console.title')}
          </Text>
        </Group>
      </header>
      <nav className={classes.navbar} aria-label={t('nav.main')} data-opened={opened || undefined}>
        <Navigation />
      </nav>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div className={classes.screen}>
          <Bars />
          <Outlet />
        </div>
      </main>
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
