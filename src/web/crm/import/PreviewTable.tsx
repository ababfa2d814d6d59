import { Badge, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/server/api/records/import-answers';
import { inLanguage } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import { useFieldLabel } from './imports';

/** The first rows as they would be imported, with their errors. */
export function PreviewTable({ preview }: { preview: ImportPreview }) {
  const { t } = useTranslation();
  const labelOf = useFieldLabel(preview);
  const columns = preview.fields.filter(({ column }) =>
    preview.rows.some((row) => row.values[column] !== undefined && row.values[column] !== null),
  );
  return (
    <Panel title={t('import.preview')} flush>
      <Table.ScrollContainer minWidth={500} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table horizontalSpacing={18} verticalSpacing={7} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('import.line')}</Table.Th>
              <Table.Th>{t('field.status')}</Table.Th>
              {columns.map(({ column }) => (
                <Table.Th key={column}>{labelOf(column)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.rows.map((row) => (
              <Table.Tr key={row.line}>
                <Table.Td>{row.line}</Table.Td>
                <Table.Td>
                  <RowStatus row={row} />
                </Table.Td>
                {columns.map(({ column }) => (
                  <Table.Td key={column}>{textOf(row.values[column])}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function RowStatus({ row }: { row: ImportPreview['rows'][number] }) {
  const { t } = useTranslation();
  const failed = row.errors.some(({ kept }) => !kept);
  const [color, key] = failed
    ? (['red', 'failed'] as const)
    : row.duplicate
      ? (['yellow', 'known'] as const)
      : row.errors.length > 0
        ? (['orange', 'partly'] as const)
        : (['green', 'fine'] as const);
  return (
    <>
      <Badge color={color} tt="none">
        {t(`import.${key}`)}
      </Badge>
      {row.errors.length > 0 && (
        <Text size="xs" c={failed ? 'var(--mantine-color-red-light-color)' : 'dimmed'}>
          {row.errors
            .map(({ column, message }) => [column, inLanguage(message)].filter(Boolean).join(': '))
            .join(' ')}
        </Text>
      )}
    </>
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
