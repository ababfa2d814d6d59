import { Avatar, Box, Text, UnstyledButton } from '@mantine/core';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignedIn } from '../../hooks/session/session';
import classes from '../../ui/Shell.module.css';
import { useSelf } from '../queries';

/** Name and role of the operator, below the navigation. */
export function MeButton(properties: ComponentProps<'button'>) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const { data: self } = useSelf();
  return (
    <UnstyledButton className={classes.me} {...properties}>
      <Avatar name={user.displayName} color="initials" size={32} radius="xl" aria-hidden />
      <Box miw={0}>
        <Text size="sm" fw={550} truncate>
          {user.displayName}
        </Text>
        <Text size="xs" c="dimmed">
          {self?.role && t(`console.roles.${self.role}`)}
        </Text>
      </Box>
    </UnstyledButton>
  );
}
