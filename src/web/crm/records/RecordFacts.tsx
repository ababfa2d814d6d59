import { useTranslation } from 'react-i18next';
import { Facts } from '../../ui/Facts';
import { Panel } from '../../ui/Panel';
import { type AnyRow, type Entity, sectionsOf } from './entity';
import { FieldValue } from './fields/FieldValue';

/** The fields of a record, grouped by section. Empty fields are omitted. */
export function RecordFacts({
  entity,
  record,
  without = [],
}: {
  entity: Entity;
  record: AnyRow;
  without?: string[];
}) {
  const { t } = useTranslation();
  const fields = entity.fields.filter((field) => {
    const value = record[field.name];
    return (
      value !== null &&
      value !== undefined &&
      value !== '' &&
      value !== false &&
      !without.includes(field.name) &&
      (field.when?.(record) ?? true)
    );
  });
  return sectionsOf(fields).map(([section, members]) => (
    <Panel key={section} title={t(`section.${section || 'main'}`)}>
      <Facts
        facts={members.map((field) => [
          t(`field.${field.name}`),
          <FieldValue key={field.name} field={field} row={record} />,
          field.kind === 'multiline',
        ])}
      />
    </Panel>
  ));
}
