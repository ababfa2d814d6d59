import { Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/server/api/records/import-answers';
import { useFormat } from '../../hooks/format';
import { inLanguage } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import { type Choices, useFieldLabel } from './imports';

interface Properties {
  preview: ImportPreview;
  duplicates: Choices['duplicates'];
}

/** What was found in the whole file: how many rows, which exist already and why, and what cannot be read. */
export function PreviewFindings({ preview, duplicates }: Properties) {
  const { t } = useTranslation();
  const labelOf = useFieldLabel(preview);
  const { total, failed, incomplete, matches, problems } = preview;
  const created = total - failed - preview.duplicates;
  return (
    <Panel title={t('import.findings')}>
      <Stack>
        <Group gap="xl" aria-live="polite">
          <Text size="sm">{t('import.willCreate', { count: created })}</Text>
          {preview.duplicates > 0 && (
            <Text size="sm">
              {t(duplicates === 'update' ? 'import.willUpdate' : 'import.willSkip', {
                count: preview.duplicates,
              })}
            </Text>
          )}
          {incomplete > 0 && <Text size="sm">{t('import.incomplete', { count: incomplete })}</Text>}
          {failed > 0 && (
            <Text size="sm" c="var(--mantine-color-red-light-color)">
              {t('import.cannot', { count: failed })}
            </Text>
          )}
        </Group>
        {matches.length > 0 && (
          <FoundRows
            title={t('import.matches')}
            rows={matches.map(({ line, by, value, name, sameAs }) => [
              line,
              sameAs === undefined
                ? t('import.sameAsRecord', { name })
                : t('import.sameAsLine', { line: sameAs }),
              t('import.matchedBy', { field: labelOf(by), value }),
            ])}
            more={preview.duplicates - matches.length}
          />
        )}
        {problems.length > 0 && (
          <FoundRows
            title={t('import.problems')}
            rows={problems.map(({ line, column, message, kept }) => [
              line,
              t(kept ? 'import.withoutField' : 'import.notImported'),
              [column, inLanguage(message)].filter(Boolean).join(': '),
            ])}
            more={0}
          />
        )}
      </Stack>
    </Panel>
  );
}

/** Rows of the file by their number, with a word and a reason. */
function FoundRows({ title, rows, more }: { title: string; rows: (string | number)[][]; more: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div>
      <Text fw={550} size="sm" mb={4}>
        {title}
      </Text>
      <Table.ScrollContainer
        minWidth={420}
        mah={260}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': title } }}
      >
        <Table fz="sm" aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={70}>{t('import.line')}</Table.Th>
              <Table.Th>{t('field.status')}</Table.Th>
              <Table.Th>{t('import.why')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.join()}>
                {row.map((cell) => (
                  <Table.Td key={cell}>{cell}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {more > 0 && (
        <Text size="sm" c="dimmed">
          {t('import.more', { count: more, shown: format.number(more) })}
        </Text>
      )}
    </div>
  );
}
