import { Alert, Box, Button, Group, Paper, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ClipboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { explain } from './notify';
import classes from './Panel.module.css';
import { StillLoading } from './StillLoading';

interface PanelProperties {
  title?: string;
  /** To the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
  /** Removes the padding, for lists that reach the edges. */
  flush?: boolean;
  onPaste?: (event: ClipboardEvent) => void;
}

/** A titled section of a page. */
export function Panel({ title, aside, children, flush, ...events }: PanelProperties) {
  return (
    <Paper component="section" className={classes.panel} aria-label={title} {...events}>
      {title && (
        <Group justify="space-between" className={classes.head} wrap="nowrap">
          <Title order={2} fz={15} fw={620}>
            {title}
          </Title>
          {aside}
        </Group>
      )}
      <Box className={flush ? classes.flush : classes.body}>{children}</Box>
    </Paper>
  );
}

/** Empty state of a list: what would be here, and how to add it. */
export function EmptyState({
  icon: Icon,
  title,
  text,
  action,
  small,
}: {
  icon: LucideIcon;
  title: string;
  text?: string;
  action?: ReactNode;
  small?: boolean;
}) {
  return (
    <Stack align="center" gap="xs" py={small ? 'lg' : 64} px="md">
      <ThemeIcon size={small ? 38 : 56} radius="xl" variant="light" color="marquee">
        <Icon size={small ? 18 : 26} strokeWidth={1.7} />
      </ThemeIcon>
      <Text fw={600} ta="center" mt={4}>
        {title}
      </Text>
      {text && (
        <Text c="dimmed" size="sm" ta="center" maw={420}>
          {text}
        </Text>
      )}
      {action && <Box mt="xs">{action}</Box>}
    </Stack>
  );
}

/** Error state with a retry button. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" title={t('failure.reading')} m="md" role="alert">
      <Stack gap="sm" align="start">
        <span>{explain(error)}</span>
        {retry && (
          <Button size="compact-sm" variant="default" onClick={retry}>
            {t('tryAgain')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Skeleton of lines while loading. After a few seconds it says so, and offers to try again. */
export function Lines({ count = 5, height = 18 }: { count?: number; height?: number }) {
  return (
    <Stack gap="sm" p="md" aria-busy="true">
      <StillLoading />
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <Skeleton key={index} height={height} width={`${92 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

/** Skeleton of a standalone page while it loads. */
export function WaitingPage() {
  return (
    <Box maw={720} mx="auto" p="md">
      <Skeleton height={28} width="55%" my="lg" />
      <Panel>
        <Lines count={8} />
      </Panel>
    </Box>
  );
}
