import { Avatar, Box, Kbd, Text, UnstyledButton, type UnstyledButtonProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type ComponentPropsWithRef, lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignedIn } from '../../hooks/session/session';
import { Logo } from '../../ui/Logo';
import classes from '../../ui/Shell.module.css';
import { Bell } from '../notices/Bell';
import { navigation } from './navigation';
import { openPalette } from './use-palette';

const MyMenu = lazy(() => import('./MyMenu').then((menu) => ({ default: menu.MyMenu })));

export function Navigation({ company }: { company: string }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  return (
    <>
      <Box className={classes.brand} visibleFrom="sm">
        <Logo size={30} />
        <Text fw={650} lh={1.25} lineClamp={2}>
          {company}
        </Text>
        <Box ms="auto">
          <Bell />
        </Box>
      </Box>
      <UnstyledButton className={classes.find} onClick={openPalette} mt={{ base: 12, sm: 0 }}>
        <Search size={15} aria-hidden />
        <span style={{ flex: 1 }}>{t('search')}</span>
        <Kbd size="xs">⌘K</Kbd>
      </UnstyledButton>
      <div className={classes.places}>
        {navigation.map((group) => (
          <div key={group.key} className={classes.group}>
            {group.key !== 'day' && <div className={classes.heading}>{t(`nav.groups.${group.key}`)}</div>}
            {group.items
              .filter((item) => !item.hiddenFrom?.includes(user.role))
              .map(({ key, to, icon: Icon }) => (
                <Link key={key} to={to} className={classes.link} activeOptions={{ exact: to === '/' }}>
                  <Icon size={17} strokeWidth={1.9} aria-hidden />
                  {t(`nav.${key}`)}
                </Link>
              ))}
          </div>
        ))}
      </div>
      <Me />
    </>
  );
}

/** The signed-in user. A click loads the menu and opens it. */
function Me() {
  const [opened, setOpened] = useState(false);
  const button = <MeButton {...(opened ? {} : { onClick: () => setOpened(true) })} />;
  return opened ? (
    <Suspense fallback={button}>
      <MyMenu target={button} />
    </Suspense>
  ) : (
    button
  );
}

function MeButton(properties: UnstyledButtonProps & ComponentPropsWithRef<'button'>) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  return (
    <UnstyledButton className={classes.me} aria-haspopup="menu" {...properties}>
      <Avatar name={user.displayName} color="initials" size={32} radius="xl" aria-hidden />
      <Box miw={0}>
        <Text size="sm" fw={550} truncate>
          {user.displayName}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`role.${user.role}`)}
        </Text>
      </Box>
    </UnstyledButton>
  );
}
