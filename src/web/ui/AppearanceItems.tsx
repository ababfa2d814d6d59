import { Menu, useMantineColorScheme } from '@mantine/core';
import { Check, Languages, Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { keepLanguage, LANGUAGES } from '../i18n';

const SCHEMES = [
  ['light', Sun],
  ['dark', Moon],
  ['auto', Monitor],
] as const;

/** Items of the user menu: theme and language. */
export function AppearanceItems() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t('appearance.title')}</Menu.Label>
      {SCHEMES.map(([scheme, Icon]) => (
        <Menu.Item
          key={scheme}
          leftSection={<Icon size={15} />}
          rightSection={colorScheme === scheme && <Check size={14} aria-label={t('chosen')} />}
          onClick={() => setColorScheme(scheme)}
        >
          {t(`appearance.${scheme}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      {LANGUAGES.map(({ code, name }) => (
        <Menu.Item
          key={code}
          lang={code}
          leftSection={<Languages size={15} />}
          rightSection={i18n.language === code && <Check size={14} aria-label={t('chosen')} />}
          onClick={() => void keepLanguage(code)}
        >
          {name}
        </Menu.Item>
      ))}
    </>
  );
}
