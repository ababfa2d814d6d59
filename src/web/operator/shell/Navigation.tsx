import { Box, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../../ui/Logo';
import classes from '../../ui/Shell.module.css';
import { useMay } from '../queries';
import { MeButton } from './MeButton';
import { navigation } from './navigation';

export function Navigation() {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <>
      <Box className={classes.brand} visibleFrom="sm">
        <Logo size={30} />
        <Text fw={650} lh={1.25}>
          {t('console.title')}
        </Text>
      </Box>
      <div className={classes.places}>
        {navigation.map(({ key, items }) => {
          const shown = items.filter(({ needs }) => may(needs));
          if (shown.length === 0) return null;
          return (
            <div key={key} className={classes.group}>
              <div className={classes.heading}>{t(`console.groups.${key}`)}</div>
              {shown.map(({ key: place, to, icon: Icon }) => (
                <Link key={place} to={to as '/'} className={classes.link}>
                  <Icon size={17} strokeWidth={1.9} aria-hidden />
                  {t(`console.nav.${place}`)}
                </Link>
              ))}
            </div>
          );
        })}
      </div>
      <Me />
    </>
  );
}

const MeMenu = lazy(() => import('./MeMenu').then((menu) => ({ default: menu.MeMenu })));

/** Who is signed in. The menu is loaded when it is wanted. */
function Me() {
  const [isWanted, setWanted] = useState(false);
  const button = <MeButton aria-haspopup="menu" aria-expanded={false} onClick={() => setWanted(true)} />;
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <MeMenu />
    </Suspense>
  );
}
