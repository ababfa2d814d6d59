import { Skeleton, Text } from '@mantine/core';
import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { useFormat } from '../../../hooks/format';
import { mountPoint } from '../../../hooks/page/address';
import { useWords } from '../../../i18n/use-words';
import type { AnyRow, Entity, Field } from '../entity';
import { FieldValue, showValue } from '../fields/FieldValue';
import { cellStyle } from './cell-style';
import classes from './RecordTable.module.css';

interface Properties {
  entity: Entity;
  fields: readonly Field[];
  row: AnyRow;
  index: number;
  /** Offset from the top of the list, px. */
  start: number;
  selected: boolean;
  /** Editable cells are buttons. `Rows` handles their clicks. */
  editable: boolean;
  onToggle: (id: string) => void;
  onOpen?: ((row: AnyRow) => void) | undefined;
}

/** A list row. Memoized, since scrolling renders hundreds of them. */
export const ListRow = memo(
  function ListRow({ entity, fields, row, index, start, selected, editable, onToggle, onOpen }: Properties) {
    const { t } = useWords();
    const format = useFormat();
    const name = entity.title(row as never);
    return (
      <tr
        className={classes.row}
        aria-rowindex={index + 2}
        data-selected={selected || undefined}
        style={{ transform: `translateY(${start}px)`, height: 44 }}
      >
        <td className={`${classes.cell} ${classes.check}`}>
          <input
            type="checkbox"
            checked={selected}
            onChange={() => onToggle(row.id)}
            aria-label={t('list.select', { name })}
          />
        </td>
        {fields.map((field) => (
          <td key={field.name} className={classes.cell} style={cellStyle(field)}>
            {field.name === entity.titleField ? (
              <TitleCell entity={entity} row={row} onOpen={onOpen} />
            ) : editable && field.bulk ? (
              <button
                type="button"
                id={`${row.id}-${field.name}`}
                aria-labelledby={`column-${field.name} ${row.id}-${field.name}`}
                className={classes.edit}
                data-edit={field.name}
                data-row={index}
              >
                {showValue(field, row, { t, format, links: false }) ?? (
                  <span className={classes.unset}>{t(field.kind === 'flag' ? 'no' : 'list.unset')}</span>
                )}
              </button>
            ) : (
              <span>{showValue(field, row, { t, format, links: true })}</span>
            )}
          </td>
        ))}
      </tr>
    );
  },
  (before, after) =>
    before.row === after.row &&
    before.start === after.start &&
    before.selected === after.selected &&
    before.editable === after.editable &&
    before.fields.length === after.fields.length &&
    before.fields.every((field, index) => field === after.fields[index]),
);

function TitleCell({
  entity,
  row,
  title = String(row[entity.titleField] ?? '') || entity.title(row as never) || '—',
  onOpen,
}: Pick<Properties, 'entity' | 'row' | 'onOpen'> & { title?: string }) {
  if (entity.hasPage) {
    const to = `${entity.path}/${row.id}`;
    return (
      <a href={`${mountPoint}${to}`} data-to={to} className={classes.title}>
        {title}
      </a>
    );
  }
  return onOpen ? (
    <button type="button" className={`${classes.title} ${classes.button}`} onClick={() => onOpen(row)}>
      {title}
    </button>
  ) : (
    <span>{title}</span>
  );
}

/** A list row as a card, on phones: title, main fields, status. */
export function RowCard({
  entity,
  fields,
  row,
  style,
  selected,
  onToggle,
  onOpen,
}: Pick<Properties, 'entity' | 'fields' | 'selected' | 'onToggle' | 'onOpen'> & {
  row: AnyRow | undefined;
  style: React.CSSProperties;
}) {
  const { t } = useWords();
  if (!row) {
    return (
      <li className={classes.card} style={style}>
        <Skeleton height={14} width="60%" />
      </li>
    );
  }
  const title = entity.title(row as never);
  // Omit what the title already contains.
  const shown = fields.filter((field) => !title.includes(String(row[field.name] ?? '') || '\0'));
  const status = shown.find(
    (field) => field.kind === 'choice' && field.choices !== undefined && field.name.endsWith('status'),
  );
  const facts = shown
    .filter(
      (field) => field !== status && field.kind !== 'flag' && field.kind !== 'person' && hasValue(row, field),
    )
    .slice(0, 2);
  return (
    <li className={classes.card} style={style} data-selected={selected || undefined}>
      <label className={classes.cardCheck}>
        <input
          type="checkbox"
          checked={selected}
          onChange={() => onToggle(row.id)}
          aria-label={t('list.select', { name: title })}
        />
      </label>
      <div className={classes.cardText}>
        <TitleCell entity={entity} row={row} {...(title ? { title } : {})} onOpen={onOpen} />
        <Text component="span" size="sm" c="dimmed">
          {facts.map((field, index) => (
            <span key={field.name}>
              {index > 0 && ' · '}
              <FieldValue field={field} row={row} links={false} />
            </span>
          ))}
        </Text>
      </div>
      <div style={{ flex: 'none', display: 'flex', alignItems: 'center', gap: 6 }}>
        {status && <FieldValue field={status} row={row} />}
        <ChevronRight size={16} aria-hidden />
      </div>
    </li>
  );
}

function hasValue(row: AnyRow, field: Field): boolean {
  const value = row[field.name];
  return value !== null && value !== undefined && value !== '';
}
