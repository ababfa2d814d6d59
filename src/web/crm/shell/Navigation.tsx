import {
  Avatar,
  Box,
  Kbd,
  Menu,
  ScrollArea,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Languages, LogOut, Monitor, Moon, Search, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSignedIn, useSignOut } from '../../hooks/session';
import { keepLanguage, LANGUAGES } from '../../i18n';
import { Logo } from '../../ui/Logo';
import { navigation } from './navigation';
import { openPalette } from './Palette';
import classes from './Shell.module.css';

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
      </Box>
      <UnstyledButton className={classes.find} onClick={openPalette} mt={{ base: 12, sm: 0 }}>
        <Search size={15} aria-hidden />
        <span style={{ flex: 1 }}>{t('search')}</span>
        <Kbd size="xs">⌘K</Kbd>
      </UnstyledButton>
      <ScrollArea flex={1} type="auto" scrollbarSize={6}>
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
        <Box h={16} />
      </ScrollArea>
      <MyMenu />
    </>
  );
}

/** Who is signed in: appearance, language, signing out. */
function MyMenu() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const { setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  return (
    <Menu position="top-start" width={220} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.me}>
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
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('appearance.title')}</Menu.Label>
        <Menu.Item leftSection={<Sun size={15} />} onClick={() => setColorScheme('light')}>
          {t('appearance.light')}
        </Menu.Item>
        <Menu.Item leftSection={<Moon size={15} />} onClick={() => setColorScheme('dark')}>
          {t('appearance.dark')}
        </Menu.Item>
        <Menu.Item leftSection={<Monitor size={15} />} onClick={() => setColorScheme('auto')}>
          {t('appearance.auto')}
        </Menu.Item>
        <Menu.Divider />
        {LANGUAGES.map(({ code, name }) => (
          <Menu.Item key={code} leftSection={<Languages size={15} />} onClick={() => void keepLanguage(code)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => signOut.mutate()}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
