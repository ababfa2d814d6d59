import { Select, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/server/api/records/import-answers';
import { Panel } from '../../ui/Panel';
import { type Mapping, useFieldLabel } from './imports';

interface Properties {
  preview: ImportPreview;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** Maps columns of the file to fields. */
export function MappingTable({ preview, mapping, onChange }: Properties) {
  const { t } = useTranslation();
  const labelOf = useFieldLabel(preview);
  const change = (header: string, column: string | null) => {
    const several = preview.fields.some((field) => field.column === column && field.several);
    const rest = Object.entries(mapping).filter(
      // Several phone numbers or notes may go into one field; other fields are mapped from one column only.
      ([other, taken]) => other !== header && (several || taken !== column),
    );
    onChange(Object.fromEntries(column ? [...rest, [header, column]] : rest));
  };
  const fields = preview.fields.map(({ column, required }) => ({
    value: column,
    label: required ? `${labelOf(column)} *` : labelOf(column),
  }));
  return (
    <Panel title={t('import.mapping')} flush>
      <Table horizontalSpacing={18} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('import.inFile')}</Table.Th>
            <Table.Th>{t('import.inMarquee')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.headers.map((header) => (
            <Table.Tr key={header}>
              <Table.Td>{header}</Table.Td>
              <Table.Td>
                <Select
                  aria-label={`${t('import.inMarquee')}: ${header}`}
                  placeholder={t('import.ignore')}
                  clearable
                  searchable
                  maw={320}
                  value={mapping[header] ?? null}
                  data={fields}
                  onChange={(column) => change(header, column)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
