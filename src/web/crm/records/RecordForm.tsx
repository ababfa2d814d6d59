import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '@/lib/crm/refusals';
import { useSaveRecord } from '../../hooks/records/changes';
import { database, unwrap } from '../../hooks/request/database';
import { Conflict, Failure, isOffline } from '../../hooks/request/failures';
import type { TableName } from '../../hooks/request/query';
import { isEmail } from '../../hooks/request/typed-text';
import { useSignedIn } from '../../hooks/session/session';
import { DialogActions } from '../../ui/DialogActions';
import { explain, notifyDone } from '../../ui/notify';
import { refusedColumn, refusedWords } from '../../ui/notify/refused';
import { adderOf } from './add-with-date';
import { ConflictChoice } from './ConflictChoice';
import { useDefaultEnd } from './default-end';
import { type AnyRow, type Entity, type Field, ME } from './entity';
import { longestOf } from './fields/FieldInput';
import { FormFields } from './fields/FormFields';
import classes from './RecordForm.module.css';
import { useDraft } from './use-draft';

interface Properties {
  entity: Entity;
  /** Absent for a new record. */
  record?: AnyRow | undefined;
  /** Values of a new record that the form does not ask for. */
  presets?: Record<string, unknown> | undefined;
  /** Values that a new record's form begins with. */
  suggested?: Record<string, unknown> | undefined;
  /** Whether what is typed is kept on this device; true by default. */
  keepsDraft?: boolean;
  /** @param before previous values of the changed fields; absent for a new record */
  onSaved: (record: AnyRow, before?: Record<string, unknown>) => void;
  onCancel: () => void;
}

/** The form of a record: keeps a draft, saves it, and resolves conflicts with other users' changes. */
export function RecordForm({
  entity,
  record: shown,
  presets = {},
  suggested = {},
  keepsDraft = true,
  onSaved,
  onCancel,
}: Properties) {
  const { t, i18n } = useTranslation();
  const { user } = useSignedIn();
  const [opened] = useState(shown);
  const save = useSaveRecord<TableName>(entity.table, { showsFailure: true, add: adderOf(entity) });
  const { draft, base, restored, change, replace, discard } = useDraft(
    keepsDraft ? `${entity.table}.${opened?.id ?? 'new'}` : null,
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
  const fields = formFields(entity, record).filter((field) => !field.readOnly && !(field.name in presets));
  const usual: Record<string, unknown> = useDefaultEnd(entity, { ...suggested, ...draft });
  const initialOf = (field: Field) =>
    suggested[field.name] ?? usual[field.name] ?? (field.initial === ME ? user.id : (field.initial ?? null));
  const initial = record ?? Object.fromEntries(fields.map((field) => [field.name, initialOf(field)]));
  const labels = (names: readonly string[]) =>
    new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(
      names.map((name) => t(`field.${name}`)),
    );
  const currentOf = (name: string) => (name in draft ? draft[name] : (initial[name] ?? null));

  /** Waits until the error is rendered. The invalid input may be out of view. */
  const focusError = () =>
    setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  const submit = (changes: Record<string, unknown>, version: number | undefined) => {
    const missing = fields.filter((field) => field.required && isEmpty(currentOf(field.name)));
    const long = fields.filter((field) => String(currentOf(field.name) ?? '').length > longestOf(field));
    const notMail = fields.filter((field) => {
      const text = field.kind === 'email' && field.name in changes ? String(currentOf(field.name) ?? '') : '';
      return text.trim() !== '' && !isEmail(text);
    });
    const alternatives = entity.oneOf?.filter((name) => name in initial);
    const none = alternatives?.every((name) => isEmpty(currentOf(name))) ? alternatives : [];
    setErrors(
      Object.fromEntries([
        ...none.slice(0, 1).map((name) => [name, t('form.oneOf', { fields: labels(none) })]),
        ...notMail.map((field) => [field.name, t('form.notMail')]),
        ...missing.map((field) => [field.name, t('form.needed')]),
        ...long.map((field) => [field.name, t('form.tooLong', { count: longestOf(field) })]),
      ]),
    );
    if (none.length + missing.length + long.length + notMail.length > 0) {
      focusError();
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
        else if (error instanceof Failure && error.refusal) showRefusal(error.refusal, whole);
      },
    });
  };

  /** Shows a refusal at its field, where the form has it. */
  const showRefusal = (refusal: Refusal, sent: Record<string, unknown>) => {
    const column = refusedColumn(refusal, sent);
    if (!fields.some(({ name }) => name === column)) return;
    setErrors({ [column as string]: refusedWords(refusal, sent) });
    focusError();
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
        // The form may be in a dialog over another form: React hands the event on to that one too.
        event.stopPropagation();
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
        <FormFields
          fields={fields}
          // Who edits a record looks for any of its fields; who adds one knows a few.
          folds={!record}
          isSet={(name) => name in draft || name in suggested}
          currentOf={currentOf}
          errors={errors}
          onChange={change}
        />
        <Stack gap="sm" className={classes.actions}>
          {save.error && !(save.error instanceof Conflict) && (
            <Alert color="red" title={t('form.notSaved')} role="alert">
              {explain(save.error, save.variables?.changes)} {isOffline(save.error) && t('form.draftStored')}
            </Alert>
          )}
          <DialogActions label={t('save')} onCancel={onCancel} isPending={save.isPending} />
        </Stack>
      </Stack>
    </form>
  );
}

async function readTheirs(entity: Entity, id: string): Promise<AnyRow | null> {
  return unwrap(await database.from(entity.table).select('*').eq('id', id).maybeSingle()) as AnyRow | null;
}

/** The fields of a form. Those that only a new record has follow the first. */
function formFields(entity: Entity, record: AnyRow | undefined): Field[] {
  const [first, ...others] = entity.fields;
  return record || !first ? [...entity.fields] : [first, ...(entity.firstDate?.fields ?? []), ...others];
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** Omits null values, so that the database's defaults apply. */
function withoutNull(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
