import { Box, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../ui/Logo';
import classes from './SignInScreen.module.css';

/** Layout of the forms before sign-in. */
export function SessionFrame({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
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
            {title}
          </Title>
          <Text c="dimmed" mt={4}>
            {text}
          </Text>
        </div>
        {children}
      </Stack>
    </Box>
  );
}

const LIGHTS = Array.from({ length: 14 }, (_, index) => index);
