import type { CSSProperties } from 'react';
import { useWords } from '../i18n/use-words';
import classes from './StatusBadge.module.css';
import { colourOf } from './theme';

/** A translated, colored status or priority. Plain markup, because lists render hundreds of them. */
export function StatusBadge({ value, size }: { value: string | null | undefined; size?: 'lg' }) {
  const { t } = useWords();
  if (!value) return null;
  const colour = colourOf(value);
  const colours = {
    '--tint': `var(--mantine-color-${colour}-light)`,
    '--ink': `var(--mantine-color-${colour}-light-color)`,
  } as CSSProperties;
  return (
    <span className={classes.badge} style={colours} data-size={size}>
      {t(`option.${value}`, value)}
    </span>
  );
}
