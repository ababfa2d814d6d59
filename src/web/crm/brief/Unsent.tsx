import { Alert, Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Edit } from '../../hooks/kept';
import { dropEdit, insistOn } from './edits';

/** Local changes that the server refused. The user decides what happens to each. */
export function Unsent({ edits }: { edits: readonly Edit[] }) {
  const { t } = useTranslation();
  return edits.flatMap((edit) => {
    const { problem } = edit;
    if (!problem) return [];
    const differences =
      problem.kind === 'conflict' && edit.kind === 'row'
        ? Object.keys(edit.changes).map((column) => ({
            column,
            mine: inWords(edit.changes[column]),
            theirs: inWords(problem.theirs[column]),
          }))
        : [];
    return [
      <Alert
        key={edit.key}
        color="orange"
        role="alert"
        title={t(problem.kind === 'conflict' ? 'form.conflict' : 'brief.refused', { what: edit.label })}
      >
        <Text size="sm" fw={600}>
          {edit.label}
        </Text>
        {differences.map(({ column, mine, theirs }) => (
          <Text key={column} size="sm">
            {t(`field.${column}`, column)}: {t('form.yours')} „{mine}“ · {t('form.theirs')} „{theirs}“
          </Text>
        ))}
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

  function inWords(value: unknown): string {
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    return value === null || value === undefined ? '–' : String(value);
  }
}
