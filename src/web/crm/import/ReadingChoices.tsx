import { Alert, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/server/api/records/import-answers';
import { useFormat } from '../../hooks/format';
import { Panel } from '../../ui/Panel';
import type { Choices } from './imports';

interface Properties {
  preview: ImportPreview;
  choices: Choices;
  onChange: (change: Partial<Pick<Choices, 'dateOrders' | 'names'>>) => void;
}

/** How dates and full names of the file are read: what was found, and another choice. */
export function ReadingChoices({ preview, choices, onChange }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const dates = preview.dates.filter(({ found }) => found !== 'none');
  if (dates.length === 0 && preview.names.length === 0) return null;
  return (
    <Panel title={t('import.reading')}>
      <Stack>
        {dates.map(({ header, order, found, example }) => (
          <Stack key={header} gap={6}>
            <Group align="flex-end">
              <Select
                label={t('import.datesIn', { column: header })}
                description={example && t('import.dateExample', { text: example.text })}
                placeholder={t('import.chooseOrder')}
                value={order ?? null}
                error={order === undefined}
                miw={280}
                data={[
                  {
                    value: 'month-first',
                    label: example
                      ? t('import.monthFirstAs', { date: format.date(example.monthFirst) })
                      : t('import.monthFirst'),
                  },
                  {
                    value: 'day-first',
                    label: example
                      ? t('import.dayFirstAs', { date: format.date(example.dayFirst) })
                      : t('import.dayFirst'),
                  },
                ]}
                onChange={(next) =>
                  next && onChange({ dateOrders: { ...choices.dateOrders, [header]: next } })
                }
              />
            </Group>
            {order === undefined && (
              <Alert color="orange">
                {t(found === 'both' ? 'import.mixedDates' : 'import.ambiguousDates', { column: header })}
              </Alert>
            )}
          </Stack>
        ))}
        {preview.names.length > 0 && (
          <>
            <Select
              label={t('import.names')}
              value={choices.names}
              maw={380}
              data={(['first-last', 'last-first', 'whole'] as const).map((value) => ({
                value,
                label: t(`import.nameStyle.${value}`),
              }))}
              onChange={(names) => names && onChange({ names })}
            />
            <Table fz="sm" maw={640} aria-label={t('import.names')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('import.inFile')}</Table.Th>
                  <Table.Th>{t('field.first_name')}</Table.Th>
                  <Table.Th>{t('field.last_name')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {preview.names.slice(0, 5).map(({ text, first_name, last_name }) => (
                  <Table.Tr key={text}>
                    <Table.Td>{text}</Table.Td>
                    <Table.Td>{first_name}</Table.Td>
                    <Table.Td>{last_name ?? <Text c="dimmed">–</Text>}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )}
      </Stack>
    </Panel>
  );
}
