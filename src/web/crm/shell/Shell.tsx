import { AppShell, Burger, Center, Group, Loader, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../hooks/session';
import { Logo } from '../../ui/Logo';
import { Failed } from '../../ui/Panel';
import { Navigation } from './Navigation';
import { openPalette, Palette } from './Palette';
import { SessionExpired } from './SessionExpired';
import classes from './Shell.module.css';
import { useGoKeys } from './use-go-keys';

/** Everything around the screens: who is signed in, navigation, search. */
export function Shell() {
  const { data: session, isPending, error, refetch } = useSession();
  if (isPending) {
    return (
      <Center h="100dvh">
        <Loader type="dots" />
      </Center>
    );
  }
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!session) return <ToSignIn />;
  if (!session.tenant) return <NoCompany />;
  return <Frame company={session.tenant.name} />;
}

/** Goes to the sign-in page once; each render of a `Navigate` would go there again while this screen is still loading. */
function ToSignIn() {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, from where one was
  useEffect(() => {
    void navigate({ to: '/sign-in', search: pathname === '/' ? {} : { from: pathname }, replace: true });
  }, []);
  return null;
}

function Frame({ company }: { company: string }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  useGoKeys((to) => void navigate({ to }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when one has gone somewhere
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: { base: 54, sm: 0 } }}
      navbar={{ width: 236, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={0}
    >
      <a href="#main" className={classes.skip}>
        {t('skip')}
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} size="sm" aria-label={t('nav.menu')} />
            <Logo size={26} />
            <Text fw={650} truncate>
              {company}
            </Text>
          </Group>
          <UnstyledButton onClick={openPalette} aria-label={t('search')} p={6}>
            <Search size={20} />
          </UnstyledButton>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t('nav.main')}>
        <Navigation company={company} />
      </AppShell.Navbar>
      <AppShell.Main id="main" className={classes.main}>
        <div className={classes.screen}>
          <Outlet />
        </div>
      </AppShell.Main>
      <Palette />
      <SessionExpired />
    </AppShell>
  );
}

/** The operator has no company, and no business data to see. */
function NoCompany() {
  const { t } = useTranslation();
  return (
    <Center h="100dvh" p="md">
      <Text maw={420} ta="center">
        {t('signIn.noCompany')}
      </Text>
    </Center>
  );
}
