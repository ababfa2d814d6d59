import { useTranslation } from 'react-i18next';
import { type AnyRow, type Entity, sectionsOf } from './entity';
import { FieldValue } from './FieldValue';
import { Panel } from './Panel';
import classes from './RecordPage.module.css';

/** The fields of a record, grouped by section. Empty fields are omitted. */
export function Facts({
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
      !without.includes(field.name)
    );
  });
  return sectionsOf(fields).map(([section, members]) => (
    <Panel key={section} title={t(`section.${section || 'main'}`)}>
      <dl className={classes.facts}>
        {members.map((field) => (
          <div key={field.name} className={field.kind === 'multiline' ? classes.wide : undefined}>
            <dt>{t(`field.${field.name}`)}</dt>
            <dd>
              <FieldValue field={field} row={record} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  ));
}
