import { Modal } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Lines } from '../../ui/Panel';
import { type Creation, endCreation } from '../records/create-in-place';
import type { Entity } from '../records/entity';
import { creatable } from './creatable';

const RecordForm = lazy(() => import('../records/RecordForm').then((form) => ({ default: form.RecordForm })));

/** The forms of records that pickers did not find, one over the other. Focus returns to the picker. */
export function CreateInPlace({ creations }: { creations: readonly Creation[] }) {
  return creations.map((creation, index) => (
    <CreationDialog key={creation.id} creation={creation} isUppermost={index === creations.length - 1} />
  ));
}

function CreationDialog({ creation, isUppermost }: { creation: Creation; isUppermost: boolean }) {
  const { t } = useTranslation();
  const { table, typed, onCreated } = creation;
  const entity = creatable(table);
  return (
    <Modal
      opened
      onClose={() => isUppermost && endCreation()}
      title={t('form.new', { what: t(`entity.${table}.one`) })}
      size="lg"
    >
      <Suspense fallback={<Lines />}>
        <RecordForm
          entity={entity}
          suggested={suggestedFrom(typed, entity)}
          keepsDraft={false}
          onCancel={endCreation}
          onSaved={(row) => {
            endCreation();
            onCreated(row);
          }}
        />
      </Suspense>
    </Modal>
  );
}

/** The typed text as the new record's name; a person's as first and last name. */
function suggestedFrom(typed: string, { titleField }: Entity): Record<string, unknown> {
  if (!typed) return {};
  if (titleField !== 'first_name') return { [titleField]: typed };
  const [, first = typed, last = null] = /^(.*\S)\s+(\S+)$/.exec(typed) ?? [];
  return { first_name: first, last_name: last };
}
