import { Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogActions } from '../../ui/DialogActions';
import type { AnyRow, Field } from './entity';
import { FieldValue } from './fields/FieldValue';
import { ReferenceName } from './fields/ReferenceName';

interface Properties {
  /** Fields with local changes. */
  fields: readonly Field[];
  mine: AnyRow;
  theirs: AnyRow;
  onChoose: (changes: Record<string, unknown>) => void;
  onCancel: () => void;
}

/** Resolves an edit conflict: shows both versions field by field. */
export function ConflictChoice({ fields, mine, theirs, onChoose, onCancel }: Properties) {
  const { t } = useTranslation();
  const differing = fields.filter((field) => mine[field.name] !== theirs[field.name]);
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const take = () =>
    onChoose(
      Object.fromEntries(
        differing
          .filter((field) => chosen[field.name] !== 'theirs')
          .map((field) => [field.name, mine[field.name]]),
      ),
    );
  return (
    <Stack>
      <div>
        <Text fw={620}>{t('form.conflict')}</Text>
        <Text c="dimmed" size="sm">
          {t('form.conflictText')}
        </Text>
      </div>
      {differing.map((field) => (
        <Radio.Group
          key={field.name}
          label={t(`field.${field.name}`, field.name)}
          value={chosen[field.name] ?? 'mine'}
          onChange={(side) => setChosen({ ...chosen, [field.name]: side })}
        >
          <Stack gap={6} mt={6}>
            {(['mine', 'theirs'] as const).map((side) => (
              <Radio
                key={side}
                value={side}
                label={
                  <>
                    {side === 'mine' ? t('form.yours') : t('form.theirs')}:{' '}
                    <Side field={field} row={side === 'mine' ? mine : theirs} />
                  </>
                }
              />
            ))}
          </Stack>
        </Radio.Group>
      ))}
      <DialogActions label={t('form.useChosen')} onCancel={onCancel} onConfirm={take} />
    </Stack>
  );
}

/** One side's value. A row with a choice of one's own does not hold the row that it refers to: its name is read. */
function Side({ field, row }: { field: Field; row: AnyRow }) {
  const value = row[field.name];
  if (field.reference && value) return <ReferenceName reference={field.reference} id={String(value)} />;
  return <FieldValue field={field} row={row} links={false} />;
}
