import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';
import i18next from 'i18next';

const marquee: MantineColorsTuple = [
  '#f1effc',
  '#dfdbf5',
  '#bdb5ea',
  '#998de0',
  '#7b6bd6',
  '#6856d0',
  '#5c49c6',
  '#4b3fb5',
  '#41369c',
  '#352c85',
];

export const theme = createTheme({
  primaryColor: 'marquee',
  primaryShade: { light: 7, dark: 5 },
  colors: { marquee },
  fontFamily: "'Inter Variable', Inter, system-ui, -apple-system, 'Segoe UI', sans-serif",
  headings: { fontFamily: "'Inter Variable', Inter, system-ui, sans-serif", fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  // Nothing moves for people whose system asks for less motion.
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { variant: 'light', radius: 'sm' } },
    // Functions, because the language can change: the close button has only an icon and needs a label.
    Modal: {
      defaultProps: () => ({
        centered: true,
        overlayProps: { backgroundOpacity: 0.4, blur: 2 },
        closeButtonProps: { 'aria-label': i18next.t('close') },
      }),
    },
    Drawer: { defaultProps: () => ({ closeButtonProps: { 'aria-label': i18next.t('close') } }) },
    // A click on the selected option does not deselect it; optional fields are clearable instead.
    Select: { defaultProps: { allowDeselect: false } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
  },
});

/** Text colors on tinted backgrounds with a contrast of at least 4.5:1, which the palette's own shades lack. */
const TEXT_ON_TINT: Record<string, string> = {
  gray: '#495057',
  red: '#a61e1e',
  pink: '#a61e4d',
  grape: '#862e9c',
  violet: '#5630b8',
  indigo: '#2f44ad',
  blue: '#1458a3',
  cyan: '#0a5c6e',
  teal: '#06603f',
  green: '#1e6429',
  lime: '#416a08',
  yellow: '#7d4a00',
  orange: '#9c3303',
  marquee: '#41369c',
};

/** Filled in red with white text: the palette's own shade has 4:1. */
const RED_FILLED = { '--mantine-color-red-filled': '#c92a2a', '--mantine-color-red-filled-hover': '#b02525' };

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...RED_FILLED,
    '--mantine-color-dimmed': '#5a6068',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-placeholder': '#6b7178',
    '--mantine-color-body': '#ffffff',
    '--marquee-ground': '#f6f6f9',
    '--marquee-line': '#e6e6ee',
    '--marquee-hover': '#f5f4fb',
    '--marquee-raised': '#ffffff',
    '--marquee-good': '#087f5b',
    '--marquee-bad': '#c92a2a',
    ...Object.fromEntries(
      Object.entries(TEXT_ON_TINT).map(([name, color]) => [`--mantine-color-${name}-light-color`, color]),
    ),
  },
  dark: {
    ...RED_FILLED,
    '--mantine-color-dimmed': '#a6acb8',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-placeholder': '#9aa0ac',
    '--mantine-color-body': '#17171f',
    '--marquee-ground': '#111117',
    '--marquee-line': '#2b2b37',
    '--marquee-hover': '#20202b',
    '--marquee-raised': '#1b1b25',
    '--marquee-good': '#38d9a9',
    '--marquee-bad': '#ff8787',
    '--mantine-color-anchor': '#a89eea',
  },
});

/** Colors of statuses and priorities, the same everywhere. */
const COLORS: Record<string, string> = {
  new: 'blue',
  contacted: 'cyan',
  qualified: 'teal',
  converted: 'green',
  lost: 'gray',
  tentative: 'yellow',
  confirmed: 'green',
  in_progress: 'blue',
  completed: 'gray',
  cancelled: 'red',
  postponed: 'orange',
  draft: 'gray',
  sent: 'blue',
  viewed: 'cyan',
  accepted: 'green',
  declined: 'red',
  expired: 'orange',
  superseded: 'gray',
  partially_paid: 'yellow',
  paid: 'green',
  void: 'gray',
  written_off: 'gray',
  overdue: 'red',
  signed: 'green',
  pending: 'yellow',
  succeeded: 'green',
  failed: 'red',
  urgent: 'red',
  critical: 'red',
  high: 'orange',
  medium: 'yellow',
  low: 'gray',
  ready: 'green',
  available: 'green',
  incomplete: 'orange',
  maintenance: 'orange',
  retired: 'gray',
  invited: 'yellow',
  no_show: 'red',
  hold: 'yellow',
  reserved: 'blue',
  checked_out: 'violet',
  returned: 'green',
  not_ordered: 'gray',
  ordered: 'blue',
  in_production: 'cyan',
  shipped: 'violet',
  received: 'green',
  active: 'green',
  inactive: 'gray',
  suspended: 'red',
  excellent: 'green',
  good: 'teal',
  fair: 'yellow',
  needs_repair: 'red',
  connected: 'green',
  paused: 'yellow',
  revoked: 'orange',
  request_open: 'blue',
  request_done: 'green',
  request_declined: 'orange',
  request_withdrawn: 'gray',
  support_waiting: 'blue',
  support_open: 'green',
  error: 'red',
  waiting: 'blue',
  sending: 'blue',
  retrying: 'yellow',
  delivered: 'green',
  bounced: 'red',
  queued: 'blue',
  overbooked: 'red',
  vacation: 'teal',
  sick: 'orange',
};

export function colorOf(value: string | null | undefined): string {
  return COLORS[value ?? ''] ?? 'gray';
}
