import { Badge, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/server/api/imports';
import { Panel } from '../../ui/Panel';

/** The first rows as they would be imported, with their errors. */
export function PreviewTable({ preview }: { preview: ImportPreview }) {
  const { t } = useTranslation();
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
              {columns.map(({ column, label }) => (
                <Table.Th key={column}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.rows.map((row) => (
              <Table.Tr key={row.line}>
                <Table.Td>{row.line}</Table.Td>
                <Table.Td>
                  {row.errors.length > 0 ? (
                    <Text size="sm" c="var(--mantine-color-red-light-color)">
                      {row.errors.map(({ column, message }) => `${column}: ${message}`).join(' ')}
                    </Text>
                  ) : (
                    <Badge color={row.duplicate ? 'yellow' : 'green'} tt="none">
                      {row.duplicate ? t('import.known') : t('import.fine')}
                    </Badge>
                  )}
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

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
