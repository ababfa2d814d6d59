import { Kbd, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, UserCog } from 'lucide-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignOut } from '../../hooks/session/session';
import { AppearanceItems } from '../../ui/AppearanceItems';
import { showShortcuts } from './shortcuts';

/** User menu: appearance, language, own settings, sign-out. Opens on mount, because it is loaded on the first click. */
export function MyMenu({ target }: { target: ReactElement }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <Menu position="top-start" width={220} shadow="md" defaultOpened>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <AppearanceItems />
        <Menu.Divider />
        <Menu.Item
          leftSection={<UserCog size={15} />}
          onClick={() => void navigate({ to: '/settings' as '/', search: { tab: 'security' } })}
        >
          {t('mySettings')}
        </Menu.Item>
        <Menu.Item
          leftSection={<Keyboard size={15} />}
          rightSection={<Kbd size="xs">?</Kbd>}
          onClick={showShortcuts}
        >
          {t('shortcuts.title')}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => signOut.mutate({})}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
