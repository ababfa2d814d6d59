import { Menu } from '@mantine/core';
import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSignOut } from '../../hooks/session/session';
import { AppearanceItems } from '../../ui/AppearanceItems';
import { MeButton } from './MeButton';

/** The menu of the operator, open at first. */
export function MeMenu() {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Menu defaultOpened position="top-start" width={220} shadow="md">
      <Menu.Target>
        <MeButton />
      </Menu.Target>
      <Menu.Dropdown>
        <AppearanceItems />
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => signOut.mutate({})}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
