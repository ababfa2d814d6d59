import '@mantine/dropzone/styles.css';
import { Alert, Button, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { FileSpreadsheet } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { FormError } from '../../ui/FormError';
import { notifyProblem } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { Lines, Panel } from '../../ui/Panel';
import { FormerImports } from './FormerImports';
import { type Choices, ENTITIES, type Mapping, useBeginImport, usePreview } from './imports';
import { MappingTable } from './MappingTable';
import { PreviewFindings } from './PreviewFindings';
import { PreviewTable } from './PreviewTable';
import { ReadingChoices } from './ReadingChoices';

const MOST_BYTES = 64 * 1024 ** 2;
/** Options, each with its translation key. */
const DUPLICATES = [
  ['skip', 'skip'],
  ['update', 'update'],
  ['create', 'create'],
] as const;

/** Imports records from a CSV file: choose, preview, import, undo. */
export function ImportScreen() {
  const { t } = useTranslation();
  const { currency } = useSettings().settings;
  const [file, setFile] = useState<File | null>(null);
  const [chosen, setChosen] = useState<Omit<Choices, 'currency'>>({
    entity: 'accounts',
    dateOrders: {},
    names: 'first-last',
    duplicates: 'skip',
  });
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const begin = useBeginImport();
  const choices: Choices = { ...chosen, currency };
  const { data: preview, error, isFetching } = usePreview(file, choices, mapping);
  const used = Object.values(mapping ?? preview?.mapping ?? {});
  const isMapped = (column: string) =>
    used.includes(column) ||
    (column === 'first_name' && (used.includes('full_name') || used.includes('last_name')));
  const missing = preview?.fields.filter((field) => field.required && !isMapped(field.column)) ?? [];
  const undecided = preview?.dates.some(({ order }) => order === undefined) ?? false;
  const restart = () => {
    setFile(null);
    setMapping(null);
    setChosen({ ...chosen, dateOrders: {}, names: 'first-last' });
  };
  const choose = (change: Partial<typeof chosen>) => {
    setChosen({ ...chosen, ...change });
    if (change.entity) setMapping(null);
  };
  const words = <Value extends string>(group: readonly (readonly [Value, string])[]) =>
    group.map(([value, key]) => ({ value, label: t(`import.${key}`) }));
  return (
    <>
      <PageHeader title={t('import.title')} subtitle={t('import.text')} />
      <Stack>
        <Panel>
          <SimpleGrid cols={{ base: 1, sm: 2 }} mb="md">
            <Select
              label={t('import.entity')}
              value={chosen.entity}
              data={ENTITIES.map((value) => ({ value, label: t(`import.entities.${value}`) }))}
              onChange={(entity) => entity && choose({ entity })}
            />
            <Select
              label={t('import.duplicates')}
              value={chosen.duplicates}
              data={words(DUPLICATES)}
              onChange={(duplicates) => duplicates && choose({ duplicates })}
            />
          </SimpleGrid>
          {file ? (
            <Group justify="space-between">
              <Group gap="xs">
                <FileSpreadsheet size={18} aria-hidden />
                <Text fw={550}>{file.name}</Text>
              </Group>
              <Button variant="default" onClick={restart}>
                {t('import.another')}
              </Button>
            </Group>
          ) : (
            <Dropzone
              onDrop={([first]) => first && setFile(first)}
              onReject={([first]) =>
                notifyProblem(t(first && first.file.size > MOST_BYTES ? 'import.tooLarge' : 'import.notCsv'))
              }
              multiple={false}
              maxSize={MOST_BYTES}
              accept={['text/csv', 'text/plain', 'application/vnd.ms-excel']}
              inputProps={{ 'aria-label': t('import.drop') }}
            >
              <Stack align="center" gap={4} py="lg">
                <FileSpreadsheet size={30} strokeWidth={1.6} aria-hidden />
                <Text fw={550}>{t('import.drop')}</Text>
                <Text size="sm" c="dimmed">
                  {t('import.dropText')}
                </Text>
              </Stack>
            </Dropzone>
          )}
        </Panel>
        {file && <FormError error={error} />}
        {file && !preview && isFetching && <Lines />}
        {file && preview && (
          <>
            <MappingTable preview={preview} mapping={mapping ?? preview.mapping} onChange={setMapping} />
            <ReadingChoices preview={preview} choices={choices} onChange={choose} />
            <PreviewTable preview={preview} />
            <PreviewFindings preview={preview} duplicates={chosen.duplicates} />
            {missing.length > 0 && (
              <Alert color="orange">
                {t('import.missing', { columns: missing.map(({ label }) => label).join(', ') })}
              </Alert>
            )}
            <Group justify="flex-end">
              <Button
                size="md"
                loading={begin.isPending}
                disabled={missing.length > 0 || undecided || isFetching}
                onClick={() =>
                  begin.mutate({ file, choices, mapping: mapping ?? preview.mapping }, { onSuccess: restart })
                }
              >
                {t('import.begin')}
              </Button>
            </Group>
          </>
        )}
        <FormerImports />
      </Stack>
    </>
  );
}
