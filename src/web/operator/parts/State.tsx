import type { CSSProperties } from 'react';
import badge from '../../ui/StatusBadge.module.css';

/** How good or bad something is, the same color everywhere. */
export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'neutral';

const COLORS: Record<Tone, string> = {
  good: 'green',
  busy: 'blue',
  warning: 'yellow',
  bad: 'red',
  neutral: 'gray',
};

/** A colored word for a state. Plain markup, because lists render hundreds of them. */
export function State({ tone, children }: { tone: Tone; children: string }) {
  const colors = {
    '--tint': `var(--mantine-color-${COLORS[tone]}-light)`,
    '--ink': `var(--mantine-color-${COLORS[tone]}-light-color)`,
  } as CSSProperties;
  return (
    <span className={badge.badge} style={colors}>
      {children}
    </span>
  );
}
