import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { FileInput } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/server/api/records/import-answers';
import { useFormat } from '../../hooks/format';
import { confirm } from '../../ui/confirm';
import { inLanguage } from '../../ui/notify';
import { EmptyState, Failed, Panel } from '../../ui/Panel';
import { saveCsv } from '../../ui/save-file';
import { useImports, useUndoImport } from './imports';

const COLORS = {
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
      {data?.imports.length === 0 && <EmptyState icon={FileInput} title={t('import.none')} small />}
      <Stack gap="lg">
        {data?.imports.map((one) => (
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
  const shown = Object.fromEntries(
    Object.entries(result).map(([name, count]) => [
      name,
      typeof count === 'number' ? format.number(count) : '',
    ]),
  );
  const inRow = (line: number) => `${t('import.line')} ${line}`;
  const share = fileBytes > 0 ? Math.round((bytesRead / fileBytes) * 100) : 100;
  const askToUndo = () =>
    confirm({
      title: t('import.undo'),
      text: t('import.undoText'),
      action: t('import.undo'),
      destructive: true,
      onConfirm: () => undo.mutate(one.id),
    });
  const nameKept = ({ name, columns }: NonNullable<typeof result.keptRows>[number]) =>
    columns && columns.length > 0
      ? t('import.changedSince', {
          name,
          columns: columns.map((column) => t(`field.${column}`, column)).join(', '),
        })
      : name;
  const saveErrors = () =>
    void saveCsv(`${one.fileName} errors`, [
      ['line', 'column', 'message', 'imported'],
      ...(result.errors ?? []).map(({ line, column, message, kept }) => [
        line,
        column,
        message,
        kept ? 'yes' : 'no',
      ]),
    ]);
  return (
    <Group justify="space-between" align="flex-start">
      <div>
        <Group gap="xs">
          <Text fw={550}>{one.fileName}</Text>
          <Badge color={COLORS[status]} tt="none">
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
        {result.created !== undefined && (
          <Text size="sm">
            {t('import.result', shown)}
            {(result.incomplete ?? 0) > 0 && ` ${t('import.resultIncomplete', shown)}`}
          </Text>
        )}
        {result.removed !== undefined && (
          <Text size="sm">
            {t('import.undone', shown)}
            {(result.restored ?? 0) > 0 && ` ${t('import.restored', shown)}`}
          </Text>
        )}
        {(result.keptRows?.length ?? 0) > 0 && (
          <Text size="sm">
            {t('import.keptRows')}: {result.keptRows?.slice(0, 10).map(nameKept).join(', ')}
            {(result.keptRows?.length ?? 0) > 10 && ' …'}
          </Text>
        )}
        {(result.matches?.length ?? 0) > 0 && status === 'done' && (
          <Text size="sm">
            {t('import.matches')}:{' '}
            {result.matches
              ?.slice(0, 3)
              .map(({ line, name, sameAs, by, value }) =>
                [
                  inRow(line),
                  sameAs === undefined
                    ? t('import.sameAsRecord', { name })
                    : t('import.sameAsLine', { line: sameAs }),
                  t('import.matchedBy', { field: t(`field.${by}`, by), value }),
                ].join(' · '),
              )
              .join('; ')}
            {(result.matches?.length ?? 0) > 3 && ' …'}
          </Text>
        )}
        {result.message && <Text size="sm">{result.message}</Text>}
        {(result.errors?.length ?? 0) > 0 && (
          <Text size="sm" component="div">
            {t(result.failed ? 'import.failedRows' : 'import.problems')}:{' '}
            {result.errors
              ?.slice(0, 3)
              .map(({ line, message }) => `${inRow(line)} (${inLanguage(message)})`)
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
