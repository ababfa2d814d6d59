import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { defaultParseSearch, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ScreenSearch } from '../router';
import { Logo } from '../ui/Logo';
import { SignInForm } from './SignInForm';
import classes from './SignInScreen.module.css';

export function SignInScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { from } = useSearch({ strict: false });
  const goBack = () => {
    const [path = '', query = ''] = from?.startsWith('/') ? from.split(/\?(.*)/) : ['/'];
    void navigate({ to: path, search: defaultParseSearch(query) as ScreenSearch, replace: true });
  };
  return (
    <Box className={classes.page}>
      <Box className={classes.stage} aria-hidden>
        <div className={classes.lights}>
          {LIGHTS.map((light) => (
            <span key={light} style={{ animationDelay: `${light * 0.18}s` }} />
          ))}
        </div>
        <p className={classes.slogan}>{t('signIn.slogan')}</p>
        <p className={classes.promise}>{t('signIn.promise')}</p>
      </Box>
      <Stack component="main" className={classes.form} gap="xl">
        <Group gap="sm">
          <Logo size={36} />
          <Text fw={700} size="xl">
            Marquee
          </Text>
        </Group>
        <div>
          <Title order={1} fz={26}>
            {t('signIn.title')}
          </Title>
          <Text c="dimmed" mt={4}>
            {t('signIn.subtitle')}
          </Text>
        </div>
        <SignInForm onSignedIn={goBack} />
      </Stack>
    </Box>
  );
}

const LIGHTS = Array.from({ length: 14 }, (_, index) => index);
