import type { CSSProperties } from 'react';
import { useWords } from '../i18n/use-words';
import classes from './StatusBadge.module.css';
import { colorOf } from './theme';

/** A translated, colored status or priority. Plain markup, because lists render hundreds of them. */
export function StatusBadge({ value, size }: { value: string | null | undefined; size?: 'lg' }) {
  const { t } = useWords();
  if (!value) return null;
  const color = colorOf(value);
  const colors = {
    '--tint': `var(--mantine-color-${color}-light)`,
    '--ink': `var(--mantine-color-${color}-light-color)`,
  } as CSSProperties;
  return (
    <span className={classes.badge} style={colors} data-size={size}>
      {t(`option.${value}`, value)}
    </span>
  );
}
