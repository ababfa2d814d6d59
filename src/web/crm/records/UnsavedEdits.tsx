import { Alert, Button, Group, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { dropEdit, insistOn } from '../../hooks/offline/edit-queue';
import type { Edit } from '../../hooks/offline/edits';
import { inLanguage } from '../../ui/notify';

/** Loaded with the first conflict: it knows every kind of record. */
const Differences = lazy(() => import('./Differences').then(({ Differences }) => ({ default: Differences })));

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
          <Suspense>
            <Differences edit={edit} theirs={problem.theirs} />
          </Suspense>
        )}
        {problem.kind === 'refused' && (
          <Text size="sm">{inLanguage(problem.message) || t('brief.gone')}</Text>
        )}
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
