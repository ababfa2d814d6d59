import { Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../hooks/changes';
import { database, unwrap } from '../hooks/database';
import { Conflict, isOffline } from '../hooks/failures';
import type { TableName } from '../hooks/query';
import { isEmail } from '../hooks/typed-text';
import { ConflictChoice } from './ConflictChoice';
import { type AnyRow, type Entity, type Field, sectionsOf } from './entity';
import { FieldInput, longestOf } from './FieldInput';
import { explain, notifyDone } from './notify';
import classes from './RecordForm.module.css';
import { useDraft } from './use-draft';

interface Properties {
  entity: Entity;
  /** Absent for a new record. */
  record?: AnyRow | undefined;
  /** Values of a new record that the form does not ask for. */
  presets?: Record<string, unknown> | undefined;
  /** @param before previous values of the changed fields; absent for a new record */
  onSaved: (record: AnyRow, before?: Record<string, unknown>) => void;
  onCancel: () => void;
}

/** The form of a record: keeps a draft, saves it, and resolves conflicts with other users' changes. */
export function RecordForm({ entity, record: shown, presets = {}, onSaved, onCancel }: Properties) {
  const { t } = useTranslation();
  const [opened] = useState(shown);
  const save = useSaveRecord<TableName>(entity.table, { showsFailure: true });
  const { draft, base, restored, change, replace, discard } = useDraft(
    `${entity.table}.${opened?.id ?? 'new'}`,
    opened,
  );
  // Compare with the version read when editing began: a newer version is a conflict to resolve.
  const record = opened && ({ ...opened, ...base } as AnyRow);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The form loads after the drawer has opened and set the initial focus.
    if (!form.current?.contains(document.activeElement)) {
      form.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    }
  }, []);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [theirs, setTheirs] = useState<AnyRow | null>(null);
  const fields = entity.fields.filter((field) => !field.readOnly && !(field.name in presets));
  const initial = record ?? Object.fromEntries(fields.map((field) => [field.name, field.initial ?? null]));
  const currentOf = (name: string) => (name in draft ? draft[name] : (initial[name] ?? null));

  const submit = (changes: Record<string, unknown>, version: number | undefined) => {
    const missing = fields.filter((field) => field.required && isEmpty(currentOf(field.name)));
    const long = fields.filter((field) => String(currentOf(field.name) ?? '').length > longestOf(field));
    const notMail = fields.filter((field) => {
      const text = field.kind === 'email' && field.name in changes ? String(currentOf(field.name) ?? '') : '';
      return text.trim() !== '' && !isEmail(text);
    });
    setErrors(
      Object.fromEntries([
        ...notMail.map((field) => [field.name, t('form.notMail')]),
        ...missing.map((field) => [field.name, t('form.needed')]),
        ...long.map((field) => [field.name, t('form.tooLong', { count: longestOf(field) })]),
      ]),
    );
    if (missing.length + long.length + notMail.length > 0) {
      // Wait for the error to be rendered. The invalid input may be out of view.
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    if (record && Object.keys(changes).every((name) => changes[name] === record[name])) {
      discard();
      onSaved(record);
      return;
    }
    const whole = record ? changes : { ...withoutNull(initial), ...presets, ...changes };
    const saving = {
      changes: whole as never,
      ...(record ? { id: record.id } : {}),
      ...(version === undefined ? {} : { version }),
    };
    save.mutate(saving, {
      onSuccess: (saved) => {
        discard();
        const before = record && Object.fromEntries(Object.keys(changes).map((name) => [name, record[name]]));
        onSaved(saved as unknown as AnyRow, before);
      },
      onError: (error) => {
        if (error instanceof Conflict && record) void settle(record, changes);
      },
    });
  };

  /** Merges both versions. The user decides only where both changed the same field. */
  const settle = async (base: AnyRow, changes: Record<string, unknown>) => {
    const now = await readTheirs(entity, base.id);
    const both =
      now && Object.keys(changes).some((name) => now[name] !== base[name] && now[name] !== changes[name]);
    if (now && !both) {
      notifyDone(t('form.merged'));
      submit(changes, now.version);
    } else {
      setTheirs(now);
    }
  };

  if (theirs && record) {
    return (
      <ConflictChoice
        fields={fields.filter((field) => field.name in draft)}
        mine={{ ...record, ...draft }}
        theirs={theirs}
        onChoose={(chosen) => {
          setTheirs(null);
          if (Object.keys(chosen).length === 0) {
            // The other version was chosen for every field: nothing to save.
            discard();
            onSaved(theirs);
            return;
          }
          replace(chosen);
          submit(chosen, theirs.version);
        }}
        onCancel={() => setTheirs(null)}
      />
    );
  }
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(draft, record?.version);
      }}
    >
      <Stack gap="lg">
        {restored && (
          <Alert color="blue" py="xs">
            <Group justify="space-between">
              <Text size="sm">{t('form.draft')}</Text>
              <Button size="compact-xs" variant="subtle" onClick={discard}>
                {t('form.discard')}
              </Button>
            </Group>
          </Alert>
        )}
        {shown && record && shown.version !== record.version && (
          <Alert color="yellow" py="xs" role="status">
            {t('form.changedMeanwhile')}
          </Alert>
        )}
        {sectionsOf(fields).map(([section, members]) => (
          <div key={section}>
            {section && (
              <Text fw={620} size="sm" mb="xs">
                {t(`section.${section}`)}
              </Text>
            )}
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="sm">
              {members.map((field, index) => (
                <div key={field.name} style={isWide(field) ? { gridColumn: '1 / -1' } : undefined}>
                  <FieldInput
                    field={field}
                    value={currentOf(field.name)}
                    error={errors[field.name]}
                    autoFocus={index === 0 && field === fields[0]}
                    onChange={(value) => change(field.name, value)}
                  />
                </div>
              ))}
            </SimpleGrid>
          </div>
        ))}
        <Stack gap="sm" className={classes.actions}>
          {save.error && !(save.error instanceof Conflict) && (
            <Alert color="red" title={t('form.notSaved')} role="alert">
              {explain(save.error)} {isOffline(save.error) && t('form.keptDraft')}
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onCancel}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </Stack>
    </form>
  );
}

async function readTheirs(entity: Entity, id: string): Promise<AnyRow | null> {
  return unwrap(await database.from(entity.table).select('*').eq('id', id).maybeSingle()) as AnyRow | null;
}

function isWide(field: Field): boolean {
  return field.wide ?? field.kind === 'multiline';
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** Omits null values, so that the database's defaults apply. */
function withoutNull(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
