import { Box, Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { LinkTo } from './LinkTo';

interface Properties {
  title: string;
  /** Link to the parent page, above the title. */
  back?: { to: string; label: string };
  subtitle?: ReactNode;
  badge?: ReactNode;
  actions?: ReactNode;
}

/** The header of every screen. */
export function PageHeader({ title, back, subtitle, badge, actions }: Properties) {
  useDocumentTitle(`${title} · Marquee`);
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="lg">
      <Box miw={0} flex="1 1 260px">
        {back && (
          <LinkTo to={back.to} size="sm" c="dimmed">
            ← {back.label}
          </LinkTo>
        )}
        <Group gap="sm" mt={back ? 4 : 0}>
          <Title order={1} fz={{ base: 22, sm: 26 }} lh={1.2} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {badge}
        </Group>
        {subtitle && (
          <Text c="dimmed" mt={4} component="div">
            {subtitle}
          </Text>
        )}
      </Box>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
