import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { FileInput } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/server/api/imports';
import { useFormat } from '../../hooks/format';
import { confirm } from '../../ui/confirm';
import { EmptyState, Failed, Panel } from '../../ui/Panel';
import { saveCsv } from '../../ui/save-file';
import { useImports, useUndoImport } from './imports';

const COLOURS = {
  running: 'blue',
  done: 'green',
  failed: 'red',
  undoing: 'blue',
  undone: 'gray',
  interrupted: 'orange',
};

/** Past and running imports: results, progress and undo. */
export function FormerImports() {
  const { t } = useTranslation();
  const { data, error, refetch } = useImports();
  return (
    <Panel title={t('import.former')}>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.rows.length === 0 && <EmptyState icon={FileInput} title={t('import.none')} small />}
      <Stack gap="lg">
        {data?.rows.map((one) => (
          <OneImport key={one.id} one={one} />
        ))}
      </Stack>
    </Panel>
  );
}

function OneImport({ one }: { one: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const undo = useUndoImport();
  const { result, status, bytesRead, fileBytes } = one;
  const share = fileBytes > 0 ? Math.round((bytesRead / fileBytes) * 100) : 100;
  const askToUndo = () =>
    confirm({
      title: t('import.undo'),
      text: t('import.undoText'),
      action: t('import.undo'),
      destructive: true,
      onConfirm: () => undo.mutate(one.id),
    });
  const saveErrors = () =>
    void saveCsv(`${one.fileName} errors`, [
      ['line', 'column', 'message'],
      ...(result.errors ?? []).map(({ line, column, message }) => [line, column, message]),
    ]);
  return (
    <Group justify="space-between" align="flex-start">
      <div>
        <Group gap="xs">
          <Text fw={550}>{one.fileName}</Text>
          <Badge color={COLOURS[status]} tt="none">
            {t(`import.status.${status}`)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {t(`import.entities.${one.entity}`)} · {format.moment(one.createdAt)}
        </Text>
        {status === 'running' && (
          <div aria-live="polite">
            <Progress value={share} animated size="sm" my={6} aria-label={t('import.status.running')} />
            <Text size="sm">{t('import.progress', { count: one.rowsRead })}</Text>
          </div>
        )}
        {result.removed !== undefined && <Text size="sm">{t('import.undone', { ...result })}</Text>}
        {result.created !== undefined && <Text size="sm">{t('import.result', { ...result })}</Text>}
        {result.message && <Text size="sm">{result.message}</Text>}
        {(result.errors?.length ?? 0) > 0 && (
          <Text size="sm" component="div">
            {t('import.failedRows')}:{' '}
            {result.errors
              ?.slice(0, 3)
              .map(({ line, message }) => `${line} (${message})`)
              .join(', ')}{' '}
            <Button variant="subtle" size="compact-sm" onClick={saveErrors}>
              {t('import.errorsCsv')}
            </Button>
          </Text>
        )}
      </div>
      {['done', 'failed', 'interrupted'].includes(status) && (
        <Button variant="default" size="compact-md" loading={undo.isPending} onClick={askToUndo}>
          {t('import.undo')}
        </Button>
      )}
    </Group>
  );
}
