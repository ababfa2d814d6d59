// The status page in the languages that the product speaks.
import type { PublicHealth } from '@/lib/fleet/health';

export type Service = 'working' | 'interrupted';

const en = {
  title: 'Status',
  of: (company: string) => `Status of ${company}`,
  service: { working: 'Marquee is working.', interrupted: 'Marquee is interrupted. We are working on it.' },
  database: {
    healthy: 'Your data can be read and changed as usual.',
    degraded: 'Your data can be reached, but answers may be slow or fail now and then. We know about it.',
    unhealthy: 'Your data cannot be reached at the moment. They are not lost. We know about it.',
    unknown: 'The state of the databases is being determined.',
  } satisfies Record<PublicHealth['state'], string>,
  all: {
    healthy: 'All companies’ data can be read and changed as usual.',
    degraded: 'For some companies answers may be slow or fail now and then. We know about it.',
    unhealthy:
      'The data of some companies cannot be reached at the moment. They are not lost. We know about it.',
    unknown: 'The state of the databases is being determined.',
  } satisfies Record<PublicHealth['state'], string>,
  incidents: 'The last seven days',
  none: 'No interruption.',
  incident: { degraded: 'Slow or partly failing', unhealthy: 'Interrupted' },
  since: 'since',
  checked: 'As of',
};

const de: typeof en = {
  title: 'Status',
  of: (company) => `Status von ${company}`,
  service: {
    working: 'Marquee ist in Betrieb.',
    interrupted: 'Marquee ist gestört. Wir arbeiten daran.',
  },
  database: {
    healthy: 'Ihre Daten lassen sich wie gewohnt lesen und ändern.',
    degraded:
      'Ihre Daten sind erreichbar, Antworten können aber langsam sein oder ausfallen. Das ist uns bekannt.',
    unhealthy: 'Ihre Daten sind zurzeit nicht erreichbar. Sie sind nicht verloren. Das ist uns bekannt.',
    unknown: 'Der Zustand der Datenbanken wird gerade festgestellt.',
  },
  all: {
    healthy: 'Die Daten aller Unternehmen lassen sich wie gewohnt lesen und ändern.',
    degraded: 'Bei einigen Unternehmen können Antworten langsam sein oder ausfallen. Das ist uns bekannt.',
    unhealthy:
      'Die Daten einiger Unternehmen sind zurzeit nicht erreichbar. Sie sind nicht verloren. Das ist uns bekannt.',
    unknown: 'Der Zustand der Datenbanken wird gerade festgestellt.',
  },
  incidents: 'Die letzten sieben Tage',
  none: 'Keine Störung.',
  incident: { degraded: 'Langsam oder teilweise gestört', unhealthy: 'Unterbrochen' },
  since: 'seit',
  checked: 'Stand',
};

export const WORDS = { en, de };
export type Language = keyof typeof WORDS;
