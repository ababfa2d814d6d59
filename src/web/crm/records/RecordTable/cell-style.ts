import type { CSSProperties } from 'react';
import type { Field } from '../entity';

/** A column's width and its share of the remaining space. */
export function cellStyle(field: Field): CSSProperties {
  const width = field.width ?? 150;
  const numeric = field.kind === 'money' || field.kind === 'number' || field.kind === 'percent';
  return {
    flexBasis: width,
    flexGrow: width,
    width,
    ...(numeric ? { justifyContent: 'flex-end' } : {}),
  };
}
