import { Badge, type BadgeProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { colourOf } from './theme';

/** A status, priority or the like, in its words and colour. */
export function StatusBadge({ value, ...rest }: { value: string | null | undefined } & BadgeProps) {
  const { t } = useTranslation();
  if (!value) return null;
  return (
    <Badge color={colourOf(value)} tt="none" fw={550} style={{ flex: 'none', overflow: 'visible' }} {...rest}>
      {t(`option.${value}`, value)}
    </Badge>
  );
}
