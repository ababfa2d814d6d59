import { Alert, Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { dropEdit, insistOn } from '../../hooks/offline/edit-queue';
import type { Edit } from '../../hooks/offline/edits';

/** Local changes that the server refused. The user decides what happens to each. */
export function UnsavedEdits({ edits }: { edits: readonly Edit[] }) {
  const { t } = useTranslation();
  return edits.flatMap((edit) => {
    const { problem } = edit;
    if (!problem) return [];
    return [
      <Alert
        key={edit.key}
        color="orange"
        role="alert"
        mb="md"
        title={t(problem.kind === 'conflict' ? 'form.conflict' : 'brief.refused', { what: edit.label })}
      >
        <Text size="sm" fw={600}>
          {edit.label}
        </Text>
        {problem.kind === 'conflict' && edit.kind === 'row' && (
          <Differences mine={edit.changes} theirs={problem.theirs} />
        )}
        {problem.kind === 'refused' && <Text size="sm">{problem.message || t('brief.gone')}</Text>}
        <Group mt="xs" gap="xs">
          <Button size="xs" onClick={() => void insistOn(edit)}>
            {t(problem.kind === 'conflict' ? 'brief.keepMine' : 'tryAgain')}
          </Button>
          <Button size="xs" variant="default" onClick={() => void dropEdit(edit)}>
            {t(problem.kind === 'conflict' ? 'brief.takeTheirs' : 'brief.drop')}
          </Button>
        </Group>
      </Alert>,
    ];
  });
}

type Values = Record<string, unknown>;

function Differences({ mine, theirs }: { mine: Values; theirs: Values }) {
  const { t } = useTranslation();
  const format = useFormat();
  const inWords = (column: string, values: Values): string => {
    const value = values[column];
    if (value === null || value === undefined || value === '') return '–';
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    // A discount or deposit is in percent or minor units, by the column beside it.
    const isMoney = column === 'unit_price' || values[column.replace(/_value$/, '_type')] === 'amount';
    if (/_value$|_price$/.test(column) && isMoney) return format.money(Number(value));
    if (Number.isFinite(Number(value))) return format.number(Number(value));
    return t(`option.${value}`, String(value));
  };
  return Object.keys(mine).map((column) => (
    <Text key={column} size="sm">
      {t(`field.${column}`, column)}: {t('form.yours')} {inWords(column, { ...theirs, ...mine })} ·{' '}
      {t('form.theirs')} {inWords(column, theirs)}
    </Text>
  ));
}
